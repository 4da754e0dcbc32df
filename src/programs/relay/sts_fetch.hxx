// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <atomic>
#include <chrono>
#include <string>

namespace relay {

/// A policy that was fetched, or why not.
struct StsFetched {
  std::string text;          ///< empty if there is none
  std::string fault;         ///< for a person, if there is none
  bool certificate = false;  ///< it was the web server's certificate that is not good
};

constexpr std::chrono::seconds kStsFetchLimit{60};  ///< RFC 8461 section 3.3

/// Fetches https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461 section 3.3): no redirection, the
/// certificate verified, text/plain, no more than smtp::StsPolicy::kMaxText. Keeps its thread waiting, for
/// kStsFetchLimit at most.
/// @param domain in the form of dns::ToAscii
/// @param stop makes it give up, within a second
[[nodiscard]] StsFetched FetchStsPolicy(const std::string& domain, const std::atomic<bool>& stop);

}  // namespace relay
