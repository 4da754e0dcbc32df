// SPDX-License-Identifier: BSD-2-Clause
#include "config/current_settings.hxx"

#include "../base/temporary_directory.hxx"

#include <gtest/gtest.h>

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

}  // namespace
