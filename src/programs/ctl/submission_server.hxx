// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ctl {

/// A server that takes mail from its users, as the DNS names it (RFC 6186, RFC 8314).
struct SubmissionServer {
  std::string host;
  std::uint16_t port = 0;
  bool implicit_tls = false;  ///< TLS from the first octet; else STARTTLS
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  bool operator==(const SubmissionServer&) const = default;

  /// As config::RelayUrl has it, with @p label for the login.
  [[nodiscard]] std::string Url(std::string_view label) const;
};

constexpr std::size_t kMaxSubmissionServers = 10;  ///< of one domain that are looked at

/// The servers in the answer to a query for SRV records (RFC 2782), the preferred one first: of one priority
/// the one with the greatest weight. None where the answer is malformed, or says that there is no such
/// service.
[[nodiscard]] std::vector<SubmissionServer> ParseSubmissionServers(std::span<const unsigned char> answer,
                                                                   bool implicit_tls);

/// Asks the DNS for _submissions._tcp and _submission._tcp of the domain, by the system's resolver. Those
/// with implicit TLS come first, as RFC 8314 section 3.3 wants it. None where nothing is known.
[[nodiscard]] std::vector<SubmissionServer> FindSubmissionServers(const std::string& domain);

}  // namespace ctl
