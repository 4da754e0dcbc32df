// SPDX-License-Identifier: BSD-2-Clause
#include "programs/launcher/server.hxx"

#include "../base/temporary_directory.hxx"
#include "../courier/no_descriptors.hxx"
#include "base/error.hxx"
#include "courier/packet.hxx"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <thread>

namespace {

using namespace std::chrono_literals;

constexpr int kDeadline = 10'000;  // milliseconds

// A launcher that accepts everything, on a socket in the file system.
struct LauncherServerTest : testing::Test {
  TemporaryDirectory directory;
  UniqueFd listener = Listen(directory / "launcher");
  launcher::Launcher launcher{[](const auto&, FdRef) { return bus::Manager::Start::Accepted; },
                              [](const auto&) {},
                              [](uid_t uid) {
                                return std::optional(User{"alice", uid, uid, "/home/alice"});
                              },
                              1};

  static UniqueFd Listen(const std::string& path) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(fd.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) ThrowErrno("bind");
    if (::listen(fd.Get(), 16) < 0) ThrowErrno("listen");
    return fd;
  }
  [[nodiscard]] UniqueFd Connect() const { return courier::Connect(directory / "launcher"); }
  void Run(uid_t allowed) { launcher::Server(listener, launcher, allowed, 50ms).Run(); }
};

// Sends the request and forgets the agent's end, as a runner does.
UniqueFd Ask(FdRef connection, const std::string& text) {
  auto [ours, agents] = courier::MakePair();
  EXPECT_EQ(courier::Send(connection, text, agents), courier::SendStatus::Sent);
  return std::move(ours);
}

std::string RequestText(std::uint64_t serial) {
  return courier::LaunchRequest{courier::LaunchKind::Deliver, 1000, serial}.ToText();
}

std::optional<courier::LaunchReply> TakeReply(FdRef connection) {
  pollfd fd{connection.Get(), POLLIN, 0};
  courier::Packet packet;
  if (::poll(&fd, 1, kDeadline) <= 0) return std::nullopt;
  if (courier::Receive(connection, packet) != courier::ReceiveStatus::Received) return std::nullopt;
  return courier::LaunchReply::Parse(packet.text);
}

bool IsClosed(FdRef socket) {
  pollfd fd{socket.Get(), POLLIN, 0};
  courier::Packet packet;
  return ::poll(&fd, 1, kDeadline) > 0 && courier::Receive(socket, packet) == courier::ReceiveStatus::Closed;
}

TEST_F(LauncherServerTest, EndsWhenNobodyIsConnected) {
  Run(::getuid());
}

TEST_F(LauncherServerTest, AnswersEachConnectionsRequestsInOrder) {
  std::vector<UniqueFd> connections;
  for (std::size_t i = 0; i < 2 * launcher::Server::kMaxConnections; ++i) connections.push_back(Connect());
  for (const auto& connection : connections)
    for (const std::uint64_t serial : {1, 2, 3}) Ask(connection, RequestText(serial));
  std::thread server([this] { Run(::getuid()); });
  for (auto& connection : connections) {
    for (const std::uint64_t serial : {1, 2, 3}) {
      const auto reply = TakeReply(connection);
      EXPECT_TRUE(reply && reply->ok && reply->serial == serial) << serial;
    }
    connection.Close();
  }
  server.join();
}

TEST_F(LauncherServerTest, WaitsForTheDescriptorOfAConnection) {
  const auto connection = Connect();
  const auto ours = Ask(connection, RequestText(1));
  ASSERT_EQ(::shutdown(connection.Get(), SHUT_WR), 0);
  {
    const NoDescriptors none;
    Run(::getuid());
    EXPECT_EQ(none.Waits(), 1U);
  }
  const auto reply = TakeReply(connection);
  EXPECT_TRUE(reply && reply->ok);
}

TEST_F(LauncherServerTest, WaitsForTheDescriptorOfARequest) {
  std::thread server([this] { Run(::getuid()); });
  auto connection = Connect();
  Ask(connection, RequestText(1));
  EXPECT_TRUE(TakeReply(connection));
  {
    const auto [ours, agents] = courier::MakePair();
    const NoDescriptors none;
    EXPECT_EQ(courier::Send(connection, RequestText(2), agents), courier::SendStatus::Sent);
    const auto reply = TakeReply(connection);
    EXPECT_TRUE(reply && reply->ok && reply->serial == 2) << (reply ? reply->text : "");
    EXPECT_GT(none.Waits(), 0U);
  }
  connection.Close();
  server.join();
}

TEST_F(LauncherServerTest, KeepsNoEndOfThePair) {
  std::thread server([this] { Run(::getuid()); });
  auto connection = Connect();
  const auto ours = Ask(connection, RequestText(1));
  EXPECT_TRUE(TakeReply(connection));
  EXPECT_TRUE(IsClosed(ours));
  connection.Close();
  server.join();
}

TEST_F(LauncherServerTest, GoesOnAfterNonsense) {
  std::thread server([this] { Run(::getuid()); });
  auto connection = Connect();
  Ask(connection, "nonsense");
  auto reply = TakeReply(connection);
  EXPECT_TRUE(reply && !reply->ok && reply->serial == 0);
  EXPECT_EQ(courier::Send(connection, RequestText(5)), courier::SendStatus::Sent);
  reply = TakeReply(connection);
  EXPECT_TRUE(reply && !reply->ok && reply->serial == 5) << "without a descriptor";
  Ask(connection, RequestText(6));
  reply = TakeReply(connection);
  EXPECT_TRUE(reply && reply->ok && reply->serial == 6);
  connection.Close();
  server.join();
}

TEST_F(LauncherServerTest, SurvivesPeersThatGoAtOnce) {
  std::thread server([this] { Run(::getuid()); });
  auto last = Connect();
  for (int i = 0; i < 20; ++i) Ask(Connect(), RequestText(1));
  Ask(last, RequestText(2));
  EXPECT_TRUE(TakeReply(last));
  last.Close();
  server.join();
}

// As somebody who is neither root nor allowed: root becomes nobody in one thread alone, by the bare system
// call.
UniqueFd ConnectAsSomebodyElse(const std::string& path) {
  UniqueFd connection;
  std::thread([&] {
    if (::getuid() == 0) ::syscall(SYS_setresuid, 65534, 65534, 65534);
    connection = courier::Connect(path);
  }).join();
  return connection;
}

TEST_F(LauncherServerTest, SendsOthersAway) {
  ASSERT_EQ(::chmod(directory.Path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod((directory / "launcher").c_str(), 0777), 0);
  std::thread server([this] { Run(::getuid() + 1); });
  const auto connection = ConnectAsSomebodyElse(directory / "launcher");
  EXPECT_TRUE(IsClosed(connection));
  server.join();
}

TEST_F(LauncherServerTest, LeavesLateConnectionsToTheNext) {
  Run(::getuid());
  auto connection = Connect();
  Ask(connection, RequestText(1));
  std::thread server([this] { Run(::getuid()); });
  EXPECT_TRUE(TakeReply(connection));
  connection.Close();
  server.join();
}

}  // namespace
