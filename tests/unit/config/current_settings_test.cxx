// SPDX-License-Identifier: BSD-2-Clause
#include "config/current_settings.hxx"

#include "../base/temporary_directory.hxx"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

struct CurrentSettingsTest : testing::Test {
  TemporaryDirectory directory;
  std::string file = directory / "mailqueue.conf";

  void Write(const std::string& text) const {
    std::filesystem::remove_all(file);
    std::ofstream(file) << text;
  }
};

TEST_F(CurrentSettingsTest, FollowTheFiles) {
  Write("[Local]\nMailbox=~/a\n");
  config::CurrentSettings settings(directory.Path());
  EXPECT_EQ(settings.Get().local.mailbox, "~/a");
  EXPECT_FALSE(settings.Refresh());
  Write("[Local]\nMailbox=~/b\nNonsense=1\n");
  EXPECT_EQ(settings.Get().local.mailbox, "~/a");
  EXPECT_TRUE(settings.Refresh());
  EXPECT_EQ(settings.Get().local.mailbox, "~/b");
  EXPECT_EQ(settings.Warnings().size(), 1U);
}

TEST_F(CurrentSettingsTest, StayInForceWhereAFileCanNotBeRead) {
  Write("[Local]\nMailbox=~/a\n");
  config::CurrentSettings settings(directory.Path());
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  EXPECT_TRUE(settings.Refresh());
  EXPECT_EQ(settings.Get().local.mailbox, "~/a");
  EXPECT_EQ(settings.Warnings().size(), 1U);
  EXPECT_TRUE(config::CurrentSettings(directory.Path()).Get().incomplete);
}

TEST_F(CurrentSettingsTest, AreReadAgainWhereDescriptorsWereLacking) {
  Write("[Local]\nMailbox=~/a\n");
  struct rlimit limit {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const int next = ::dup(STDERR_FILENO);
  ::close(next);
  const struct rlimit none = {static_cast<rlim_t>(next), limit.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  config::CurrentSettings settings(directory.Path());
  ::setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_TRUE(settings.Get().incomplete);
  EXPECT_TRUE(settings.Refresh());
  EXPECT_EQ(settings.Get().local.mailbox, "~/a");
  EXPECT_FALSE(settings.Refresh());
}

}  // namespace
