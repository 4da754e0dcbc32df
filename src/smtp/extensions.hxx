// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/reply.hxx"

#include <string>
#include <vector>

namespace smtp {

/// What a server offers in its reply to EHLO or LHLO (RFC 5321 section 4.1.1.1).
struct Extensions {
  bool starttls = false;          ///< RFC 3207
  bool pipelining = false;        ///< RFC 2920
  bool size = false;              ///< RFC 1870
  bool eight_bit_mime = false;    ///< RFC 6152
  bool smtputf8 = false;          ///< RFC 6531
  bool dsn = false;               ///< RFC 3461
  std::vector<std::string> auth;  ///< mechanisms of RFC 4954, as the server spells them

  /// Never fails: what is not known is left out.
  [[nodiscard]] static Extensions Parse(const Reply& reply);
  /// @param mechanism in any case
  [[nodiscard]] bool HasAuth(std::string_view mechanism) const noexcept;
};

}  // namespace smtp
