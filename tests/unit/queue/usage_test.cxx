// SPDX-License-Identifier: BSD-2-Clause
#include "queue/usage.hxx"

#include <gtest/gtest.h>

using queue::Usages;

TEST(Usages, KeepTheSumOfThoseWithoutAShareOfTheirOwn) {
  Usages usages;
  usages.Add(1000, {1, 5, 0}, true);
  usages.Add(100000, {1, 7, 0}, false);
  usages.Add(100000, {1, 1, 0}, false);
  usages.Add(100001, {1, 2, 0}, false);
  EXPECT_EQ(usages.OfSubmitter(1000).octets, 5U);
  EXPECT_EQ(usages.OfSubmitter(100000).messages, 2U);
  EXPECT_EQ(usages.OfUnknown().messages, 3U);
  EXPECT_EQ(usages.OfUnknown().octets, 10U);
  usages.Remove(100000, {1, 7, 0});
  EXPECT_EQ(usages.OfUnknown().octets, 3U);
}

TEST(Usages, MoveWithWhoTurnsOutToBeAUser) {
  Usages usages;
  usages.Add(1000, {1, 5, 0}, false);
  usages.Add(100000, {1, 7, 0}, false);
  usages.SetOwn(1000, true);
  usages.SetOwn(1000, true);
  usages.SetOwn(1001, true);
  EXPECT_EQ(usages.OfUnknown().octets, 7U);
  EXPECT_EQ(usages.OfSubmitter(1000).octets, 5U);
  usages.Remove(1000, {1, 5, 0});
  EXPECT_EQ(usages.OfUnknown().octets, 7U);
  usages.SetOwn(100000, true);
  EXPECT_EQ(usages.OfUnknown().messages, 0U);
  usages.SetOwn(100000, false);
  EXPECT_EQ(usages.OfUnknown().octets, 7U);
}

TEST(Usages, ChangeWithAMessageThatGrows) {
  Usages usages;
  usages.Add(1000, {1, 5, 0}, true);
  usages.Add(1000, {1, 7, 0}, true);
  usages.Add(100000, {1, 7, 0}, false);
  usages.Change(1000, {1, 7, 0}, {1, 70, 1});
  usages.Change(100000, {1, 7, 0}, {1, 1, 0});
  EXPECT_EQ(usages.OfSubmitter(1000).octets, 75U);
  EXPECT_EQ(usages.OfSubmitter(1000).messages, 2U);
  EXPECT_EQ(usages.OfSubmitter(1000).expanded, 1U);
  EXPECT_EQ(usages.OfUnknown().octets, 1U);
  EXPECT_EQ(usages.Besides(1000, {1, 70, 1}).octets, 5U);
  EXPECT_EQ(usages.Besides(100000, {1, 1, 0}).octets, 0U);
}

TEST(Usages, AllowGrowthWhereSomethingLeavesOrThereIsRoom) {
  const config::Settings::Queue::UserMax max{10, 100};
  EXPECT_TRUE((queue::Usage{1, 99, 1}).AllowsGrowth(max));
  EXPECT_FALSE((queue::Usage{1, 100, 1}).AllowsGrowth(max));
  EXPECT_TRUE((queue::Usage{10, 1000, 0}).AllowsGrowth(max));
}
