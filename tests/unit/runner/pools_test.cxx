// SPDX-License-Identifier: BSD-2-Clause
// The pools without what they need: mostly no launcher listens here, and at times there are no descriptors.
#include "programs/runner/couriers/agent_pool.hxx"
#include "programs/runner/couriers/command_pool.hxx"
#include "programs/runner/couriers/relay_link.hxx"
#include "unit/base/temporary_directory.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <stdexcept>
#include <string>
#include <vector>

using runner::Order;
using runner::Reply;

namespace {

// As long as it lives this process gets no further descriptor.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &old_);
    const UniqueFd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const rlimit none{static_cast<rlim_t>(next.Get()), old_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &old_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit old_{};
};

// Takes what is to be launched, and starts nothing.
class FakeLauncher {
 public:
  explicit FakeLauncher(const std::string& path)
      : listener_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.Get(), 8), 0);
  }

  // @return what a unit would have as its standard input; empty: nothing is to be launched
  UniqueFd Take() {
    if (!connection_)
      connection_ = UniqueFd(::accept4(listener_.Get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    courier::Packet packet;
    static_cast<void>(courier::Receive(connection_, packet));
    return std::move(packet.fd);
  }

 private:
  UniqueFd listener_;
  UniqueFd connection_;
};

struct PoolsTest : testing::Test {
  asio::io_context context{1};
  runner::LauncherLink launcher{context};
  std::vector<Reply> replies;

  Order MakeOrder(uid_t share = 1000) {
    Order order;
    order.request.envelope.recipients.emplace_back().address = "bob";
    order.done = [this](const Reply& reply) { replies.push_back(reply); };
    order.share = share;
    return order;
  }

  void Run() {
    context.restart();
    context.poll();
  }

  void ExpectGivenBack(std::size_t count) {
    ASSERT_EQ(replies.size(), count);
    for (const auto& reply : replies) {
      ASSERT_EQ(reply.results.size(), 1u);
      EXPECT_FALSE(reply.results[0]);
    }
  }
};

TEST_F(PoolsTest, GiveBackAUsersMailWhenTheirAgentCantBeStarted) {
  unsigned rooms = 0;
  runner::AgentPool agents(context, launcher, [&](uid_t, std::size_t) { ++rooms; });
  {
    const NoDescriptors none;
    for (int i = 0; i < 3; ++i) agents.Deliver(1000, MakeOrder());
    Run();
    ExpectGivenBack(3);
    EXPECT_NE(replies[0].fault.find("open files"), std::string::npos) << replies[0].fault;
  }
  agents.Deliver(1000, MakeOrder());
  Run();
  ExpectGivenBack(4);
  EXPECT_TRUE(agents.HasRoom(1000, 1000));
}

TEST_F(PoolsTest, GiveBackACommandThatCantBeStarted) {
  runner::CommandPool commands(context, launcher, [](uid_t, std::size_t) {});
  {
    const NoDescriptors none;
    for (int i = 0; i < 3; ++i) commands.Deliver(1000, MakeOrder());
    Run();
    ExpectGivenBack(3);
  }
  commands.Deliver(1000, MakeOrder());
  Run();
  ExpectGivenBack(4);
  EXPECT_TRUE(commands.HasRoom(1000, 1000));
}

// Its unit may be there already, and would wait for the request while it keeps the place of another one.
TEST_F(PoolsTest, EndACommandThatGetsNoRequest) {
  const TemporaryDirectory directory;
  FakeLauncher fake(directory / "launcher");
  runner::LauncherLink link(context, directory / "launcher");
  runner::CommandPool commands(context, link, [](uid_t, std::size_t) {});
  constexpr std::size_t kMore = runner::CommandPool::kMaxOfUser + 1;
  for (std::size_t i = 0; i < kMore; ++i) {
    auto order = MakeOrder();
    order.open = []() -> UniqueFd { throw std::runtime_error("no descriptor"); };
    commands.Deliver(1000, std::move(order));
  }
  Run();
  ExpectGivenBack(kMore);
  const auto input = fake.Take();
  ASSERT_EQ(::fcntl(input.Get(), F_SETFL, O_NONBLOCK), 0);
  courier::Packet packet;
  EXPECT_EQ(courier::Receive(input, packet), courier::ReceiveStatus::Received) << "the pipe for its output";
  EXPECT_EQ(courier::Receive(input, packet), courier::ReceiveStatus::Closed);
}

TEST_F(PoolsTest, GiveBackAllMailForARelayThatCantBeReached) {
  runner::RelayLink relay(context);
  for (const uid_t share : {0, 1000, 1001}) relay.Deliver(MakeOrder(share));
  Run();
  ExpectGivenBack(3);
  EXPECT_NE(replies[2].fault, "");
}

TEST_F(PoolsTest, PutOffMailForCommandsOfWhichTooManyWait) {
  runner::CommandPool commands(context, launcher, [](uid_t, std::size_t) {});
  while (commands.HasRoom(1000, 1001)) commands.Deliver(1000, MakeOrder(1001));
  EXPECT_TRUE(commands.HasRoom(1000, 1002)) << "another submitter's";
  EXPECT_TRUE(commands.HasRoom(1001, 1001)) << "another user's";
}

}  // namespace
