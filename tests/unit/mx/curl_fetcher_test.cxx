// SPDX-License-Identifier: BSD-2-Clause
#include "mx/curl_fetcher.hxx"

#include "base/fd.hxx"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <string>
#include <vector>

namespace {

// A host whose web server takes connections and says nothing: nothing is answered before the accept queue is
// full, and nobody accepts. In tests without the right to use its port there is no such server, and a fetch
// fails at once.
UniqueFd ListenSilently() {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(443);
  address.sin_addr.s_addr = inet_addr("127.0.0.99");
  const bool listens = ::bind(fd.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                       ::listen(fd.Get(), 200) == 0;
  return listens ? std::move(fd) : UniqueFd();
}

TEST(CurlFetcher, KeepsNobodyWaitingForServersThatDoNotAnswer) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t kCount = 100;
  const auto silent = ListenSilently();
  asio::io_context context;
  mx::CurlFetcher fetcher;
  std::vector<mx::StsFetched> all;
  const auto begun = Clock::now();
  for (std::size_t i = 0; i < kCount; ++i)
    asio::co_spawn(
        context,
        fetcher.Fetch("d" + std::to_string(i) + ".example", {asio::ip::make_address("127.0.0.99")},
                      std::chrono::milliseconds(500)),
        [&](const std::exception_ptr&, mx::StsFetched fetched) { all.push_back(std::move(fetched)); });
  while (all.size() < kCount && context.run_one_until(begun + std::chrono::seconds(20)) > 0) continue;
  EXPECT_EQ(all.size(), kCount);
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(10)) << "they run beside each other";
  for (const auto& fetched : all) {
    EXPECT_TRUE(fetched.text.empty());
    EXPECT_FALSE(fetched.fault.empty());
  }
}

TEST(CurlFetcher, GivesUpWhenItGoes) {
  const auto silent = ListenSilently();
  const auto begun = std::chrono::steady_clock::now();
  asio::io_context context;
  {
    mx::CurlFetcher fetcher;
    asio::co_spawn(
        context, fetcher.Fetch("d.example", {asio::ip::make_address("127.0.0.99")}, std::chrono::minutes(1)),
        [](const std::exception_ptr&, const mx::StsFetched&) {});
    context.poll();
  }
  EXPECT_TRUE(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30))
      << "it waited for the server";
}

}  // namespace
