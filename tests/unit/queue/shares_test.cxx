// SPDX-License-Identifier: BSD-2-Clause
#include "queue/shares.hxx"

#include <gtest/gtest.h>

namespace {

using queue::Shares;

void TakeAll(Shares& shares, uid_t user) {
  while (shares.MayTake(user)) shares.Take(user);
}

TEST(Shares, LeaveHalfForWhoComesNext) {
  Shares shares(400);
  TakeAll(shares, 1000);
  EXPECT_EQ(shares.Of(1000), 200u);
  TakeAll(shares, 1001);
  EXPECT_EQ(shares.Of(1001), 100u);
  for (uid_t user = 1002; user < 1006; ++user) {
    EXPECT_TRUE(shares.MayTake(user)) << user;
    TakeAll(shares, user);
  }
}

TEST(Shares, BecomeEqualAsPlacesAreGivenBack) {
  Shares shares(400);
  TakeAll(shares, 1000);
  for (int i = 0; i < 400; ++i) {
    TakeAll(shares, 1001);
    if (!shares.MayTake(1000)) shares.GiveBack(1000);
  }
  EXPECT_LE(shares.Of(1000), 134u);
  EXPECT_GE(shares.Of(1001), 132u);
}

TEST(Shares, HaveSomeThatAreRootsAlone) {
  Shares shares(100, 10);
  for (uid_t user = 1000; user < 2000; ++user) TakeAll(shares, user);
  EXPECT_EQ(shares.Taken(), 90u);
  TakeAll(shares, 0);
  EXPECT_EQ(shares.Of(0), 10u);
  EXPECT_FALSE(shares.MayTake(1000));
}

TEST(Shares, GiveRootTheRestLikeOthers) {
  Shares shares(100, 10);
  TakeAll(shares, 0);
  EXPECT_EQ(shares.Of(0), 50u);
  EXPECT_TRUE(shares.MayTake(1000));
}

// Attempts of the greatest weight; those of others have grown under way.
TEST(Shares, LeaveRootItsOwnHoweverMuchOthersTake) {
  Shares shares(440, 40);
  while (shares.MayTake(1000, 60)) shares.Take(1000, 60);
  EXPECT_EQ(shares.Of(1000), 180u);
  for (uid_t uid = 1001; uid < 1100; ++uid) shares.Take(uid, 60);
  EXPECT_FALSE(shares.MayTake(2000));
  EXPECT_TRUE(shares.MayTake(0, 60)) << "nothing is too large for who has none";
  TakeAll(shares, 0);
  EXPECT_EQ(shares.Of(0), 40u);
}

TEST(Shares, NothingIsTooLargeForWhoHasNone) {
  Shares shares(100);
  EXPECT_TRUE(shares.MayTake(1000, 5000));
  shares.Take(1000, 60);
  EXPECT_FALSE(shares.MayTake(1000, 1));
  EXPECT_TRUE(shares.MayTake(1001, 5000));
  shares.Take(1001, 60);
  EXPECT_FALSE(shares.MayTake(1002));
  shares.GiveBack(1001, 60);
  EXPECT_TRUE(shares.MayTake(1002, 30));
  shares.GiveBack(1000, 60);
  EXPECT_EQ(shares.Taken(), 0u);
}

}  // namespace
