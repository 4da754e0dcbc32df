// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/submit_server.hxx"

#include "queue/submitters.hxx"
#include "unit/queue/fake_environment.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <list>

using namespace std::chrono_literals;

namespace {

/// Clients of a submit server who say nothing.
struct SilentClients {
  using Protocol = asio::local::stream_protocol;

  explicit SilentClients(std::function<uid_t(uid_t)> share_of)
      : intake(world.Get(), drops, world.queue,
               {.add = [](auto) {},
                .resume = [](auto) {},
                .knows = [](const auto&) { return false; },
                .share_of = std::move(share_of),
                .usage_of = [](uid_t) { return queue::Usage(); }}),
        server(context, UniqueFd(listener.release()), world.queue, settings, intake) {
    server.Start();
    for (int i = 0; i < 17; ++i) sockets.emplace_back(context).connect(endpoint);
    while (context.run_one_for(50ms) > 0) continue;
  }
  [[nodiscard]] long CountAnswered() const {
    return std::ranges::count_if(sockets, [](const auto& socket) { return socket.available() > 0; });
  }

  FakeEnvironment world;
  asio::io_context context{1};
  Protocol::endpoint endpoint{world.directory.Path("submit").string()};
  Protocol::acceptor listener{context, endpoint};
  spool::DropDirectory drops{world.directory.Open(".")};
  runner::SettingsWatch settings{world.directory.Path("").string()};
  queue::Intake intake;
  runner::SubmitServer server;
  std::list<Protocol::socket> sockets;
};

TEST(SubmitServer, HasALimitOfConnectionsOfAShare) {
  const SilentClients clients([](uid_t) { return queue::Submitters::kUnknown; });
  EXPECT_EQ(clients.CountAnswered(), 1) << "that there are too many";
}

TEST(SubmitServer, HasNoLimitOfConnectionsOfAUid) {
  uid_t shares = 0;
  const SilentClients clients([&](uid_t) { return ++shares; });
  EXPECT_EQ(clients.CountAnswered(), 0);
}

}  // namespace
