// SPDX-License-Identifier: BSD-2-Clause
#include "queue/slices.hxx"

#include "unit/queue/fake_clock.hxx"

#include <gtest/gtest.h>

#include <new>

using namespace std::chrono_literals;

namespace {

TEST(Slices, LetOthersHaveTheirTurn) {
  FakeClock clock;
  clock.tick = 1ms;
  int steps = 0;
  queue::InSlices(clock, [&] { return ++steps < 20; });
  EXPECT_LT(steps, 10);
  clock.RunPosted();
  EXPECT_EQ(steps, 20);
}

// Nobody else would end what was begun.
TEST(Slices, ComeToTheirEndWithoutMemory) {
  FakeClock clock;
  clock.tick = 1ms;
  clock.on_post = [] { throw std::bad_alloc(); };
  int steps = 0;
  queue::InSlices(clock, [&] { return ++steps < 20; });
  EXPECT_EQ(steps, 20);
}

}  // namespace
