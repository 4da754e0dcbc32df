// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace mx {

/// A policy that was fetched, or why not.
struct StsFetched {
  std::string text;          ///< empty if there is none
  std::string fault;         ///< for a person, if there is none
  bool certificate = false;  ///< it was the web server's certificate that is not good
};

/// Fetches https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461 section 3.3): no redirection, the
/// certificate verified, text/plain, no more than StsPolicy::kMaxText. A server that does not answer keeps
/// nobody else's fetch waiting.
class StsFetcher {
 public:
  virtual ~StsFetcher() = default;
  StsFetcher(const StsFetcher&) = delete;
  StsFetcher& operator=(const StsFetcher&) = delete;

  /// @param domain in the form of dns::ToAscii
  /// @param addresses of mta-sts.DOMAIN; at least one
  /// @param limit after which the fetching ends
  [[nodiscard]] virtual asio::awaitable<StsFetched> Fetch(std::string domain,
                                                          std::vector<asio::ip::address> addresses,
                                                          std::chrono::milliseconds limit) = 0;

 protected:
  StsFetcher() = default;
};

}  // namespace mx
