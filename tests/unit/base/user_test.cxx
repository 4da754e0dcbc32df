// SPDX-License-Identifier: BSD-2-Clause
#include "base/user.hxx"

#include "base/name_services.hxx"

#include <gtest/gtest.h>

#include <nss.h>
#include <system_error>

namespace {

// The process has other services of the user database from here on, so it ends there.
void LookUpBy(const char* services, const char* name) {
  ::__nss_configure_lookup("passwd", services);
  ::__nss_configure_lookup("group", services);
  int status = 0;
  try {
    status |= FindUser(name) ? 1 : 0;
  } catch (const std::system_error&) {
    status |= 2;
  }
  try {
    status |= FindGroup(name) ? 4 : 0;
  } catch (const std::system_error&) {
    status |= 8;
  }
  std::exit(status);
}

TEST(UserDeathTest, AServiceThatIsAwayKnowsNothing) {
  EXPECT_EXIT(LookUpBy("files", "root"), testing::ExitedWithCode(1 | 4), "");
  EXPECT_EXIT(LookUpBy("files", "nobody-of-that-name"), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(LookUpBy("no-such-service", "root"), testing::ExitedWithCode(2 | 8), "");
  EXPECT_EXIT(LookUpBy("no-such-service [UNAVAIL=return] files", "root"), testing::ExitedWithCode(2 | 8), "");
}

TEST(User, HasAllThatThePasswordFileSays) {
  const auto root = FindUser(uid_t{0});
  ASSERT_TRUE(root);
  EXPECT_EQ(root->name, "root");
  EXPECT_EQ(root->home, "/root");
  EXPECT_EQ(root->gecos, "root");
  EXPECT_TRUE(root->shell.starts_with('/')) << root->shell;
}

}  // namespace
