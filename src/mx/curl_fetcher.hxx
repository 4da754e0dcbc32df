// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mx/sts_fetcher.hxx"

#include <memory>

namespace mx {

/// Fetches policies by libcurl. All fetches run beside each other in one thread, which is not there until
/// there is something to fetch.
class CurlFetcher final : public StsFetcher {
 public:
  CurlFetcher();
  /// Gives up what is under way; who waits for it gets no answer any more.
  ~CurlFetcher() override;

  [[nodiscard]] asio::awaitable<StsFetched> Fetch(std::string domain,
                                                  std::vector<asio::ip::address> addresses,
                                                  std::chrono::milliseconds limit) override;

 private:
  class Thread;

  std::unique_ptr<Thread> thread_;
};

}  // namespace mx
