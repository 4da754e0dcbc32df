// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace relay {

/// A policy that was fetched, or why not.
struct StsFetched {
  std::string text;          ///< empty if there is none
  std::string fault;         ///< for a person, if there is none
  bool certificate = false;  ///< it was the web server's certificate that is not good
};

/// How long a web server may take. RFC 8461 section 3.3 suggests a minute; a message waits for it, and what
/// is not known by then is asked for again later.
constexpr std::chrono::seconds kStsFetchLimit{10};

/// Fetches https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461 section 3.3): no redirection, the
/// certificate verified, text/plain, no more than smtp::StsPolicy::kMaxText. All fetches run beside each
/// other in one thread, which is not there until there is something to fetch: a web server that does not
/// answer keeps nobody else's waiting.
class StsFetcher {
 public:
  StsFetcher();
  /// Gives up what is under way; who waits for it gets no answer any more.
  ~StsFetcher();
  StsFetcher(const StsFetcher&) = delete;
  StsFetcher& operator=(const StsFetcher&) = delete;

  /// @param domain in the form of dns::ToAscii
  /// @param addresses of mta-sts.DOMAIN; at least one
  /// @param limit after which the fetching ends
  [[nodiscard]] asio::awaitable<StsFetched> Fetch(std::string domain,
                                                  std::vector<asio::ip::address> addresses,
                                                  std::chrono::milliseconds limit);

 private:
  class Thread;

  std::unique_ptr<Thread> thread_;
};

}  // namespace relay
