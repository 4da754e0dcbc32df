// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/submitters.hxx"

#include <gtest/gtest.h>

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

  uid_t ShareOf(uid_t uid) {
    static_cast<void>(submitters.ShareOf(uid));
    context.restart();
    context.run();
    return submitters.ShareOf(uid);
  }
};

TEST_F(SubmittersTest, HaveASharePerUser) {
  EXPECT_EQ(submitters.ShareOf(1000), Submitters::kUnknown) << "the user database is not waited for";
  EXPECT_EQ(ShareOf(1000), 1000u);
  EXPECT_EQ(users, std::vector<uid_t>{1000});
}

TEST_F(SubmittersTest, ThatNobodyKnowsShareOne) {
  EXPECT_EQ(ShareOf(100000), Submitters::kUnknown);
  EXPECT_EQ(ShareOf(165535), Submitters::kUnknown);
  EXPECT_EQ(ShareOf(2000), Submitters::kUnknown);
  EXPECT_TRUE(users.empty());
}

TEST_F(SubmittersTest, OfSystemdAndRootNeedNoLookup) {
  EXPECT_EQ(submitters.ShareOf(0), 0u);
  EXPECT_EQ(submitters.ShareOf(61184), 61184u);
  EXPECT_EQ(submitters.ShareOf(65519), 65519u);
  EXPECT_EQ(submitters.ShareOf(65520), Submitters::kUnknown);
}

TEST_F(SubmittersTest, AreForgottenWhenTheyAreTooMany) {
  EXPECT_EQ(ShareOf(1000), 1000u);
  for (uid_t uid = 100000; uid < 100000 + Submitters::kRemembered; ++uid)
    static_cast<void>(submitters.ShareOf(uid));
  EXPECT_EQ(submitters.ShareOf(1000), Submitters::kUnknown);
  EXPECT_EQ(ShareOf(1000), 1000u);
}

}  // namespace
