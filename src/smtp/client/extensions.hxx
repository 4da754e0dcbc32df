// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/client/reply.hxx"

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace smtp {

/// The limits of a server (RFC 9422).
struct Limits {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  std::size_t mail_max = kNone;         ///< transactions on a connection
  std::size_t rcpt_max = kNone;         ///< recipients of a transaction
  std::size_t rcpt_domain_max = kNone;  ///< domains that the recipients of a transaction are in
};

/// The extensions that a server offers in its reply to EHLO or LHLO (RFC 5321 section 4.1.1.1).
struct Extensions {
  bool starttls = false;          ///< RFC 3207
  bool pipelining = false;        ///< RFC 2920
  bool size = false;              ///< RFC 1870
  bool eight_bit_mime = false;    ///< RFC 6152
  bool smtputf8 = false;          ///< RFC 6531
  bool dsn = false;               ///< RFC 3461
  bool requiretls = false;        ///< RFC 8689
  std::vector<std::string> auth;  ///< mechanisms of RFC 4954, as the server spells them
  Limits limits;

  /// Never fails: what is not known is left out.
  [[nodiscard]] static Extensions Parse(const Reply& reply);
  /// Those that are known, as the server would write them, with blanks between them.
  [[nodiscard]] std::string ToString() const;
  /// @param mechanism in any case
  [[nodiscard]] bool HasAuth(std::string_view mechanism) const noexcept;
};

}  // namespace smtp
