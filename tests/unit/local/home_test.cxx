// SPDX-License-Identifier: BSD-2-Clause
#include "local/home.hxx"

#include "../base/home_fixture.hxx"
#include "courier/protocol.hxx"

#include <unistd.h>

#include <filesystem>

namespace {

using local::FindAbsence;

struct FindAbsenceTest : HomeTest {
  [[nodiscard]] std::string Status(const char* mounts = "/dev/null") const {
    const auto absence = FindAbsence(user, mounts);
    return absence ? absence->status : "";
  }
};

TEST_F(FindAbsenceTest, WaitsForAPersonsHome) {
  user.uid = 1000;
  Write(user.home + "/file", "");
  EXPECT_EQ(Status(), "");
  user.home = directory / "none";
  EXPECT_EQ(Status(), courier::kAwaitsHome);
  EXPECT_TRUE(FindAbsence(user)->text.starts_with("the home directory '")) << FindAbsence(user)->text;
  Write(directory / "file", "");
  user.home = directory / "file/below";
  EXPECT_EQ(Status(), courier::kAwaitsHome);
  user.home = directory / "file";
  EXPECT_EQ(Status(), "4.3.5") << "it will never appear by itself";
  user.home = "/";
  EXPECT_EQ(Status(), "");
}

TEST_F(FindAbsenceTest, TellsAMountPointFromAHome) {
  user.uid = ::getuid() + 1000;
  user.home = directory / "empty";
  std::filesystem::create_directory(user.home);
  EXPECT_EQ(Status(), "") << "accounts without a home share one";
  user.home = directory / user.name;
  std::filesystem::create_directory(user.home);
  EXPECT_EQ(Status(), "4.2.0") << "empty, and another's";
  Write(user.home + "/file", "");
  EXPECT_EQ(Status(), "") << "a home may be root's";
  user.uid = 60177;
  EXPECT_EQ(Status(), "4.2.0") << "systemd-homed would have given it to its user";
  user.home = "/";
  EXPECT_EQ(Status(), "4.2.0");
}

TEST_F(FindAbsenceTest, AsksNoSystemUserForAHome) {
  user.home = directory / "none";
  for (const uid_t uid : {0, 33, 999, 65534}) {
    user.uid = uid;
    EXPECT_EQ(Status(), "") << uid;
  }
}

TEST_F(FindAbsenceTest, HasSystemdNotLookBelowAutofs) {
  user.uid = 1000;
  const std::string mounts = directory / "mounts";
  const auto status = [&](const std::string& place, const std::string& point, const std::string& type) {
    user.home = place;
    Write(mounts, "23 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n36 35 0:40 / " + point +
                      " rw,relatime shared:1 - " + type + " auto.home rw,fd=6\n");
    return Status(mounts.c_str());
  };
  EXPECT_EQ(status("/none/alice", "/none", "autofs"), "4.2.0");
  EXPECT_EQ(status("/none/alice", "/none/alice", "autofs"), "4.2.0");
  EXPECT_EQ(status("/no ne/alice", "/no\\040ne", "autofs"), "4.2.0");
  EXPECT_EQ(status("/none/alice", "/none", "nfs"), courier::kAwaitsHome);
  EXPECT_EQ(status("/none/alice", "/non", "autofs"), courier::kAwaitsHome);
  EXPECT_EQ(status("/none/alice", "/none/alice/music", "autofs"), courier::kAwaitsHome);
}

}  // namespace
