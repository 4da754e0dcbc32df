// SPDX-License-Identifier: BSD-2-Clause
#include "spool/retry.hxx"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

TEST(RetryDelay, DoublesUpToTheLongest) {
  const struct {
    unsigned attempts;
    mail::Duration expected;
  } cases[] = {{1, 60s}, {2, 120s}, {3, 240s}, {6, 1920s}, {7, 3600s}, {8, 3600s}, {4000000000U, 3600s}};
  for (const auto& [attempts, expected] : cases)
    EXPECT_EQ(spool::RetryDelay(attempts, 1min, 1h), expected) << "after attempt " << attempts;
}

TEST(RetryDelay, NeverExceedsTheLongestEvenIfTheShortestDoes) {
  EXPECT_EQ(spool::RetryDelay(1, 2h, 1h), 1h);
}
