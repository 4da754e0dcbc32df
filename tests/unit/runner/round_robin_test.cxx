// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/round_robin.hxx"

#include <gtest/gtest.h>

#include <string>

TEST(RoundRobin, OwnersTakeTurns) {
  runner::RoundRobin<int, std::string> jobs;
  EXPECT_TRUE(jobs.IsEmpty());
  for (const char* job : {"a1", "a2", "a3"}) jobs.Add(1, job);
  jobs.Add(2, "b1");
  jobs.Add(3, "c1");
  jobs.Add(3, "c2");
  std::string order;
  while (!jobs.IsEmpty()) order += jobs.Take().job + " ";
  EXPECT_EQ(order, "a1 b1 c1 a2 c2 a3 ");
}

TEST(RoundRobin, WhatIsPutBackWaitsForTheOthersOnly) {
  runner::RoundRobin<int, std::string> jobs;
  jobs.Add(1, "a1");
  jobs.Add(1, "a2");
  auto turn = jobs.Take();
  jobs.Add(2, "b1");
  jobs.PutBack(std::move(turn));
  std::string order;
  while (!jobs.IsEmpty()) order += jobs.Take().job + " ";
  EXPECT_EQ(order, "b1 a1 a2 ");
}
