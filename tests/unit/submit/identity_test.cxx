// SPDX-License-Identifier: BSD-2-Clause
#include "submit/identity.hxx"

#include <gtest/gtest.h>

namespace {

TEST(FullName, ReadsTheGecosField) {
  const struct {
    std::string gecos;
    const char* user;
    const char* name;
  } cases[] = {
      {"Alice Liddell,,,", "alice", "Alice Liddell"},
      {"Alice Liddell", "alice", "Alice Liddell"},
      {"R. & D. (Ops) \"Q\"", "carol", "R. Carol D. (Ops) \"Q\""},
      {"&,&", "bob", "Bob"},
      {"", "bob", ""},
      {",room 3", "bob", ""},
      {"a\nX-Evil: y", "bob", ""},
      {"a\x7f", "bob", ""},
      {std::string(10000, 'x'), "bob", ""},
      {"Jörg", "joerg", "Jörg"},
  };
  for (const auto& [gecos, user, name] : cases) EXPECT_EQ(submit::FullName(gecos, user), name) << gecos;
}

TEST(FindIdentity, KnowsRootAndAUidWithoutAnEntry) {
  EXPECT_EQ(submit::FindIdentity(0).user, "root");
  EXPECT_EQ(submit::FindIdentity(3999999).user, "uid3999999");
}

TEST(User, IsLookedUpOnce) {
  static int calls = 0;
  submit::User user(5, [](uid_t uid) {
    ++calls;
    return submit::Identity{"u" + std::to_string(uid), ""};
  });
  EXPECT_EQ(user.Identity().user, "u5");
  EXPECT_EQ(user.Identity().user, "u5");
  EXPECT_EQ(calls, 1);
}

}  // namespace
