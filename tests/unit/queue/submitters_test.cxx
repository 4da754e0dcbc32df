// SPDX-License-Identifier: BSD-2-Clause
#include "queue/submitters.hxx"

#include "unit/queue/fake_environment.hxx"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <vector>

using namespace std::chrono_literals;
using queue::Submitters;

namespace {

struct SubmittersTest : testing::Test {
  FakeClock clock;
  FakeUsers database{clock};
  std::vector<uid_t> users;
  Submitters submitters{clock, database, [this](uid_t uid) { users.push_back(uid); }};

  std::optional<uid_t> ShareOf(uid_t uid) {
    static_cast<void>(submitters.ShareOf(uid));
    clock.RunPosted();
    return submitters.ShareOf(uid);
  }
};

TEST_F(SubmittersTest, HaveASharePerUser) {
  EXPECT_FALSE(submitters.ShareOf(1000)) << "the user database is not waited for";
  EXPECT_EQ(ShareOf(1000), 1000u);
  EXPECT_EQ(users, std::vector<uid_t>{1000});
}

TEST_F(SubmittersTest, ThatNobodyKnowsShareOne) {
  EXPECT_EQ(ShareOf(100000), Submitters::kUnknown);
  EXPECT_EQ(ShareOf(165535), Submitters::kUnknown);
  EXPECT_EQ(users, (std::vector<uid_t>{100000, 165535}));
}

TEST_F(SubmittersTest, OfSystemdAndRootNeedNoLookup) {
  EXPECT_EQ(submitters.ShareOf(0), 0u);
  EXPECT_EQ(submitters.ShareOf(61184), 61184u);
  EXPECT_EQ(submitters.ShareOf(65519), 65519u);
  EXPECT_EQ(ShareOf(65520), 65520u) << "the database knows everybody below 100000 here";
}

TEST_F(SubmittersTest, AreForgottenWhenTheyAreTooMany) {
  EXPECT_EQ(ShareOf(1000), 1000u);
  for (uid_t uid = 100000; uid < 100000 + Submitters::kRemembered; ++uid)
    static_cast<void>(submitters.ShareOf(uid));
  EXPECT_FALSE(submitters.ShareOf(1000));
  EXPECT_EQ(ShareOf(1000), 1000u);
}

TEST_F(SubmittersTest, AreNotForgottenForManyThatNobodyKnows) {
  EXPECT_EQ(ShareOf(1000), 1000u);
  for (uid_t uid = 100000; uid < 100000 + Submitters::kRemembered - 1; ++uid)
    static_cast<void>(submitters.ShareOf(uid));
  EXPECT_EQ(ShareOf(100000), Submitters::kUnknown) << "and so are all others by now";
  EXPECT_FALSE(submitters.ShareOf(200000));
  EXPECT_EQ(submitters.ShareOf(1000), 1000u);
  EXPECT_FALSE(submitters.ShareOf(100001)) << "that one is";
}

TEST_F(SubmittersTest, TellsWhatItHasHeardWithoutAsking) {
  EXPECT_TRUE(submitters.HasOwnShare(0));
  EXPECT_FALSE(submitters.HasOwnShare(1000));
  static_cast<void>(ShareOf(1000));
  EXPECT_TRUE(submitters.HasOwnShare(1000));
  EXPECT_EQ(users, std::vector<uid_t>{1000}) << "one was asked for";
}

TEST_F(SubmittersTest, WhoseLookUpFailsAreUnknownForNow) {
  database.is_user = [](uid_t) { return std::nullopt; };
  EXPECT_EQ(ShareOf(2000), Submitters::kUnknown);
  EXPECT_EQ(users, std::vector<uid_t>{2000});
}

// A directory that is away: such mail goes on, on the share of those whom nobody knows.
TEST_F(SubmittersTest, WhoseLookUpTakesTooLongAreNotWaitedFor) {
  database.is_silent = true;
  EXPECT_FALSE(submitters.ShareOf(2000));
  clock.Advance(Submitters::kPatience - 1ns);
  EXPECT_FALSE(submitters.ShareOf(2000));
  clock.Advance(1ns);
  EXPECT_EQ(submitters.ShareOf(2000), Submitters::kUnknown);
}

TEST_F(SubmittersTest, AreAskedForAgainAfterAWhile) {
  EXPECT_EQ(ShareOf(1000), 1000u);
  EXPECT_EQ(ShareOf(100000), Submitters::kUnknown);
  database.asked.clear();
  clock.Advance(Submitters::kDoubted);
  EXPECT_EQ(ShareOf(1000), 1000u);
  database.is_user = [](uid_t) { return true; };
  EXPECT_EQ(ShareOf(100000), 100000u);
  EXPECT_EQ(database.asked, std::vector<uid_t>{100000});
  clock.Advance(Submitters::kBelieved);
  database.is_user = [](uid_t) { return false; };
  EXPECT_EQ(ShareOf(1000), Submitters::kUnknown);
}

// The last answer stays.
TEST_F(SubmittersTest, ThatWereKnownStaySoWhileTheDatabaseIsAway) {
  EXPECT_EQ(ShareOf(1000), 1000u);
  clock.Advance(Submitters::kBelieved);
  database.is_user = [](uid_t) { return std::nullopt; };
  EXPECT_EQ(ShareOf(1000), 1000u);
}

}  // namespace
