// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "temporary_directory.hxx"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

/// A home directory of whoever runs the test, with another directory beside it.
struct HomeTest : testing::Test {
  TemporaryDirectory directory;
  std::string home = directory / "home";
  User user{"alice", ::geteuid(), ::getegid(), home};

  HomeTest() {
    std::filesystem::create_directory(home);
    std::filesystem::create_directory(directory / "elsewhere");
  }
  /// @param name below the home, or absolute
  void Write(const std::string& name, const std::string& text, mode_t mode = 0644) const {
    const std::string path = PathOf(name);
    std::filesystem::create_directories(path.substr(0, path.rfind('/')));
    std::filesystem::remove(path);
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
  }
  void Link(const std::string& target, const std::string& name) const {
    std::filesystem::remove_all(PathOf(name));
    std::filesystem::create_symlink(target, PathOf(name));
  }
  [[nodiscard]] std::string PathOf(const std::string& name) const {
    return name.starts_with('/') ? name : home + "/" + name;
  }
};
