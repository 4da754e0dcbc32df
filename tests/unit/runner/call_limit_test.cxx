// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/call_limit.hxx"

#include <gtest/gtest.h>

#include <vector>

TEST(CallLimit, NobodyHasMoreThanTheirs) {
  runner::CallLimit limit(2, 10);
  auto first = limit.Take(1000);
  const auto second = limit.Take(1000);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(limit.Take(1000));
  EXPECT_TRUE(limit.Take(1001));
  first.reset();
  EXPECT_TRUE(limit.Take(1000));
}

TEST(CallLimit, RootIsNotKeptByOthers) {
  runner::CallLimit limit(2, 3);
  std::vector<std::shared_ptr<void>> places;
  for (uid_t user = 1000; user < 1003; ++user) places.push_back(limit.Take(user));
  EXPECT_FALSE(limit.Take(1003));
  const auto roots = limit.Take(0);
  EXPECT_TRUE(roots);
  places.pop_back();
  EXPECT_TRUE(limit.Take(1003));
}
