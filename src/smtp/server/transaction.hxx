// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace smtp::server {

/// What a client has said of a recipient.
struct Recipient {
  std::string address;   ///< without angle brackets and route
  std::string notify;    ///< NOTIFY, as ParseNotify gives it, or empty
  std::string original;  ///< ORCPT ("rfc822;user@host" in xtext), or empty
};

/// What a client has said of a message before the message itself (RFC 5321 section 3.3).
struct Transaction {
  std::optional<std::string> sender;  ///< "": the null sender; none: MAIL has not been accepted
  std::vector<Recipient> recipients;
  std::uint64_t size = 0;    ///< SIZE in octets; 0: it was not announced
  std::string body;          ///< BODY: "8BITMIME", "7BIT" or empty
  std::string ret;           ///< RET: "FULL", "HDRS" or empty
  std::string envid;         ///< ENVID, decoded, or empty
  bool require_tls = false;  ///< REQUIRETLS (RFC 8689)
};

}  // namespace smtp::server
