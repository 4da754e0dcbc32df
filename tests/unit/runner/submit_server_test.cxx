// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/submit_server.hxx"

#include "queue/submitters.hxx"
#include "unit/queue/fake_environment.hxx"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <list>
#include <optional>
#include <string>

using namespace std::chrono_literals;

namespace {

using Server = runner::SubmitServer;

/// Clients of a submit server who say nothing.
struct SilentClients {
  using Protocol = asio::local::stream_protocol;
  using ShareOf = std::function<std::optional<uid_t>(uid_t)>;

  explicit SilentClients(ShareOf share_of, std::size_t count = Server::kMaxOfShare + 1,
                         const Server::Patience& patience = Server::kPatience)
      : intake(world.Get(), drops, world.queue,
               {.add = [](auto) {},
                .resume = [](auto) {},
                .knows = [](const auto&) { return false; },
                .share_of = std::move(share_of),
                .usage_of = [](uid_t) { return queue::Usage(); }}),
        server(
            context, UniqueFd(listener.release()), world.queue, settings, intake, [this] { is_idle = true; },
            patience) {
    server.Start();
    while (sockets.size() < count) Add();
    Run();
  }
  void Add() {
    sockets.emplace_back(context).connect(endpoint);
    Poll();
  }
  void Poll() {
    context.restart();
    context.poll();
  }
  void Run() {
    context.restart();
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
  bool is_idle = false;
  Server server;
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

TEST(SubmitServer, HasALimitOfConnections) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  uid_t shares = 1000;
  const SilentClients clients([&](uid_t) { return ++shares; }, Server::kPlaces - Server::kRootsPlaces + 3);
  EXPECT_EQ(clients.CountAnswered(), 3);
}

// While those that nobody knows have all that they may have, a user's first connection is not one of them.
TEST(SubmitServer, WaitsUntilItIsKnownWhoseShareAConnectionIsOn) {
  std::optional<uid_t> share = queue::Submitters::kUnknown;
  SilentClients clients([&](uid_t) { return share; }, Server::kMaxOfShare);
  share.reset();
  clients.Add();
  clients.Run();
  EXPECT_EQ(clients.CountAnswered(), 0);
  share = 1000;
  clients.server.OnShare(::getuid());
  clients.Run();
  EXPECT_EQ(clients.CountAnswered(), 0) << "it has a place";
  EXPECT_FALSE(clients.server.IsIdle());
}

TEST(SubmitServer, KeepsNoPlaceForWhoIsSilentOrSlow) {
  for (const bool is_slow : {false, true}) {
    Server::Patience patience{10min, 10min};
    (is_slow ? patience.all : patience.silence) = 300ms;
    SilentClients clients([](uid_t uid) { return uid; }, 1, patience);
    clients.context.restart();
    while (!clients.is_idle && clients.context.run_one_for(10s) > 0)
      if (is_slow && clients.CountAnswered() == 0) clients.sockets.front().send(asio::buffer("x", 1));
    EXPECT_TRUE(clients.is_idle) << is_slow;
    EXPECT_EQ(clients.CountAnswered(), 1) << is_slow;
  }
}

// Many large messages at once could fill the disk before the first is complete.
TEST(SubmitServer, ReceivesNoMoreThanReserveLeaves) {
  SilentClients clients([](uid_t uid) { return uid; }, 1);
  clients.world.directory.Write("mailqueue.conf", "[Queue]\nReserve=90%\n");
  const auto reserve = clients.settings.Refresh()->queue.reserve;
  auto& client = clients.sockets.front();
  client.non_blocking(true);
  const std::string piece(std::size_t{64} * 1024, 'x');
  for (std::size_t sent = 0; sent < 2 * 1024 * 1024 && clients.CountAnswered() == 0;) {
    std::error_code error;
    sent += client.send(asio::buffer(piece), 0, error);
    clients.Poll();
  }
  EXPECT_EQ(clients.CountAnswered() == 0, clients.world.queue.Room().Holds(0, reserve));
}

}  // namespace
