// SPDX-License-Identifier: BSD-2-Clause
#include "queue/usage.hxx"

#include <gtest/gtest.h>

using queue::Usages;

TEST(Usages, KeepTheSumOfThoseWithoutAShareOfTheirOwn) {
  Usages usages;
  usages.Add(1000, 5, true);
  usages.Add(100000, 7, false);
  usages.Add(100000, 1, false);
  usages.Add(100001, 2, false);
  EXPECT_EQ(usages.OfSubmitter(1000).octets, 5U);
  EXPECT_EQ(usages.OfSubmitter(100000).messages, 2U);
  EXPECT_EQ(usages.OfUnknown().messages, 3U);
  EXPECT_EQ(usages.OfUnknown().octets, 10U);
  usages.Remove(100000, 7);
  EXPECT_EQ(usages.OfUnknown().octets, 3U);
}

TEST(Usages, MoveWithWhoTurnsOutToBeAUser) {
  Usages usages;
  usages.Add(1000, 5, false);
  usages.Add(100000, 7, false);
  usages.SetOwn(1000, true);
  usages.SetOwn(1000, true);
  usages.SetOwn(1001, true);
  EXPECT_EQ(usages.OfUnknown().octets, 7U);
  EXPECT_EQ(usages.OfSubmitter(1000).octets, 5U);
  usages.Remove(1000, 5);
  EXPECT_EQ(usages.OfUnknown().octets, 7U);
  usages.SetOwn(100000, true);
  EXPECT_EQ(usages.OfUnknown().messages, 0U);
  usages.SetOwn(100000, false);
  EXPECT_EQ(usages.OfUnknown().octets, 7U);
}
