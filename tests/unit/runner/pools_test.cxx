// SPDX-License-Identifier: BSD-2-Clause
// The pools without what they need: no launcher listens here, and at times there are no descriptors.
#include "programs/runner/couriers/agent_pool.hxx"
#include "programs/runner/couriers/command_pool.hxx"
#include "programs/runner/couriers/relay_link.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>

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
