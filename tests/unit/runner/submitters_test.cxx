// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/submitters.hxx"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <vector>

using runner::Submitters;

namespace {

struct SubmittersTest : testing::Test {
  asio::io_context context{1};
  std::vector<uid_t> users;
  Submitters submitters{context, [this](uid_t uid) { users.push_back(uid); },
                        [](uid_t uid) {
                          if (uid == 2000) throw std::runtime_error("timeout");
                          return uid < 100000;
                        }};

  std::optional<uid_t> ShareOf(uid_t uid) {
    static_cast<void>(submitters.ShareOf(uid));
    context.restart();
    context.run();
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
  EXPECT_EQ(ShareOf(2000), Submitters::kUnknown);
  EXPECT_EQ(users, std::vector<uid_t>{2000});
}

// A directory that is away: such mail goes on, on the share of those whom nobody knows.
TEST_F(SubmittersTest, WhoseLookUpTakesTooLongAreNotWaitedFor) {
  EXPECT_FALSE(submitters.ShareOf(2000));
  const auto end = std::chrono::steady_clock::now() + 10 * Submitters::kPatience;
  std::optional<uid_t> share;
  while (!share && std::chrono::steady_clock::now() < end) share = submitters.ShareOf(2000);
  EXPECT_EQ(share, Submitters::kUnknown);
}

}  // namespace
