// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/system_clock.hxx"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

using namespace std::chrono_literals;

namespace {

struct SystemClockTest : testing::Test {
  asio::io_context context{1};
  runner::SystemClock clock{context};
  unsigned calls = 0;
  std::unique_ptr<queue::Timer> timer = clock.MakeTimer([this] { ++calls; });
};

TEST_F(SystemClockTest, CallsBackWhenTheTimeHasCome) {
  const auto start = clock.SinceBoot();
  timer->StartAfter(10ms);
  context.run();
  EXPECT_EQ(calls, 1u);
  EXPECT_GE(clock.SinceBoot() - start, 10ms);
  context.restart();
  const auto at = clock.Now() + 10ms;
  timer->StartAt(at);
  context.run();
  EXPECT_EQ(calls, 2u);
  EXPECT_GE(clock.Now(), at);
}

TEST_F(SystemClockTest, AStartEndsAnEarlierOne) {
  timer->StartAfter(0ms);
  timer->StartAfter(1h);
  timer->StartAt(clock.Now());
  context.run();
  EXPECT_EQ(calls, 1u);
}

// Its handler may be on its way already.
TEST_F(SystemClockTest, CallsNobodyWhenItIsCancelledOrGone) {
  auto other = clock.MakeTimer([&] {
    timer->Cancel();
    timer.reset();
  });
  other->StartAfter(0ms);
  timer->StartAfter(1us);
  const auto end = clock.SinceBoot() + 1ms;
  while (clock.SinceBoot() < end) continue;
  context.run();
  EXPECT_EQ(calls, 0u);
}

TEST_F(SystemClockTest, PostsAreCalledLater) {
  std::vector<int> order;
  clock.Post([&] {
    clock.Post([&] { order.push_back(2); });
    order.push_back(1);
  });
  EXPECT_TRUE(order.empty());
  context.run();
  EXPECT_EQ(order, (std::vector{1, 2}));
}

}  // namespace
