// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/user_file.hxx"

#include "programs/ctl/setup.hxx"
#include "temporary_directory.hxx"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sysexits.h>

#include <filesystem>
#include <fstream>

namespace {

TEST(UserFile, StaysWhereAndAsItIs) {
  const TemporaryDirectory directory;
  const std::string path = directory / "relay.conf";
  const auto real = std::filesystem::canonical(path.substr(0, path.rfind('/'))).string();
  const auto fresh = ctl::FindUserFile(path);
  EXPECT_EQ(fresh.directory + "/" + fresh.name, path);
  EXPECT_EQ(fresh.mode, 0644U);
  std::filesystem::create_directory(directory / "dotfiles");
  std::ofstream(directory / "dotfiles/relay") << "# mine\n";
  ASSERT_EQ(::chmod((directory / "dotfiles/relay").c_str(), 0600), 0);
  std::filesystem::create_symlink("dotfiles/relay", path);
  const auto linked = ctl::FindUserFile(path);
  EXPECT_EQ(linked.directory, real + "/dotfiles");
  EXPECT_EQ(linked.name, "relay");
  EXPECT_EQ(linked.mode, 0600U);
}

TEST(UserFile, IsNotWrittenThroughALinkThatLeadsNowhere) {
  const TemporaryDirectory directory;
  const std::string path = directory / "relay.conf";
  std::filesystem::create_symlink("none", path);
  try {
    (void)ctl::FindUserFile(path);
    FAIL();
  } catch (const ctl::SetupError& error) {
    EXPECT_EQ(error.Status(), EX_CANTCREAT);
    EXPECT_EQ(error.Text(), path + " is a symbolic link that leads nowhere: mend or remove it");
  }
}

}  // namespace
