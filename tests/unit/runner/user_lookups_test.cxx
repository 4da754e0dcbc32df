// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/user_lookups.hxx"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <thread>

namespace {

TEST(UserLookups, AnswerLaterInTheLoopsThread) {
  asio::io_context context{1};
  runner::UserLookups users(context, [](uid_t uid) {
    if (uid == 2000) throw std::runtime_error("timeout");
    return uid < 2000;
  });
  std::map<uid_t, std::optional<bool>> found;
  const auto thread = std::this_thread::get_id();
  for (const uid_t uid : {1000, 2000, 3000})
    users.LookUp(uid, [&, uid](std::optional<bool> is_user) {
      EXPECT_EQ(std::this_thread::get_id(), thread);
      found[uid] = is_user;
    });
  EXPECT_TRUE(found.empty());
  context.run();
  EXPECT_EQ(found, (std::map<uid_t, std::optional<bool>>{{1000, true}, {2000, std::nullopt}, {3000, false}}));
}

// What is not answered by then never is.
TEST(UserLookups, GoWhileOneIsUnderWay) {
  asio::io_context context{1};
  {
    runner::UserLookups users(context, [](uid_t) { return true; });
    for (uid_t uid = 0; uid < 100; ++uid) users.LookUp(uid, [](std::optional<bool>) {});
  }
}

}  // namespace
