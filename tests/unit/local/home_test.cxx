// SPDX-License-Identifier: BSD-2-Clause
#include "local/home.hxx"

#include "../base/home_fixture.hxx"
#include "courier/protocol.hxx"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace {

using local::FindAbsence;

struct FindAbsenceTest : HomeTest {
  const std::string mounted = directory / "mountinfo";
  const std::string wanted = directory / "fstab";
  const std::string units = directory / "units";

  FindAbsenceTest() {
    user.uid = 1000;
    Mount({});
    Write(wanted, "# /srv/home\n");
    std::filesystem::create_directory(units);
  }
  struct Mounted {
    std::string point;
    std::string type;
  };
  void Mount(const std::vector<Mounted>& mounts) const {
    std::string text = "23 28 0:21 / / rw,nosuid shared:7 - ext4 /dev/x rw\n";
    for (const auto& [point, type] : mounts)
      text += "36 35 0:40 / " + point + " rw,relatime shared:1 - " + type + " auto.home rw,fd=6\n";
    Write(mounted, text);
  }
  [[nodiscard]] std::string Status() const {
    const auto absence =
        FindAbsence(user, {{directory / "none", mounted}, wanted, {directory / "none", units}});
    return absence ? absence->status : "";
  }
};

TEST_F(FindAbsenceTest, WaitsForNoHomeThatNothingPromises) {
  Write(user.home + "/file", "");
  EXPECT_EQ(Status(), "");
  Write(directory / "file", "");
  for (const auto& home :
       {directory / "none", directory / "none/below", directory / "file/below", directory / "file",
        std::string("/"), std::string("/nonexistent"), std::string("/dev/null"), std::string("/dev/null/x"),
        std::string(), std::string("x"), directory / std::string(300, 'x')}) {
    user.home = home;
    EXPECT_EQ(Status(), "") << home;
  }
  Link(directory / "circle", directory / "circle");
  user.home = directory / "circle";
  EXPECT_EQ(Status(), "");
}

TEST_F(FindAbsenceTest, WaitsForWhatIsToBeMounted) {
  user.home = "/none here/home/alice";
  const auto promise = [&](const std::string& point) {
    Write(wanted, "UUID=1 " + point + " ext4 noauto 0 2\n");
  };
  for (const auto* point : {"/none\\040here", "/none\\040here/home/", "/none\\040here/home/alice"}) {
    promise(point);
    EXPECT_EQ(Status(), courier::kAwaitsHome) << point;
  }
  EXPECT_TRUE(FindAbsence(user, {{mounted}, wanted, {}})->text.starts_with("the home directory '"));
  for (const auto* point :
       {"none", "/none\\040her", "/none\\040here/home/al", "/none\\040here/home/alice/music", "/"}) {
    promise(point);
    EXPECT_EQ(Status(), "") << point;
  }
  promise("/none\\040here/home");
  Mount({{"/none\\040here/home", "ext4"}});
  EXPECT_EQ(Status(), "") << "it is mounted, and the home is not there";
}

TEST_F(FindAbsenceTest, WaitsForUnitsOfMounts) {
  user.home = "/none/h-me/alice";
  for (const auto* unit : {"none.mount", "none.automount", "none-h\\x2dme.mount", "none-h\\x2dme.automount",
                           "none-h\\x2dme-alice.mount"}) {
    Write(units + "/" + unit, "[Mount]\n");
    EXPECT_EQ(Status(), courier::kAwaitsHome) << unit;
    std::filesystem::remove(units + "/" + unit);
    EXPECT_EQ(Status(), "") << unit;
  }
  Link("/dev/null", units + "/none.mount");
  EXPECT_EQ(Status(), "") << "it is masked";
  Write(units + "/none.mount", "[Mount]\n");
  Mount({{"/none", "nfs"}});
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
  const auto status = [&](const std::string& home, const std::vector<Mounted>& mounts) {
    user.home = home;
    Mount(mounts);
    return Status();
  };
  EXPECT_EQ(status("/none/alice", {{"/none", "autofs"}}), "4.2.0");
  EXPECT_EQ(status("/none/alice", {{"/none/alice", "autofs"}}), "4.2.0");
  EXPECT_EQ(status("/no ne/alice", {{"/no\\040ne", "autofs"}}), "4.2.0");
  EXPECT_EQ(status("/none/alice", {{"/none", "nfs"}}), "");
  EXPECT_EQ(status("/none/alice", {{"/non", "autofs"}}), "");
  EXPECT_EQ(status("/none/alice", {{"/none/alice/music", "autofs"}}), "");
  EXPECT_EQ(status("/none/alice", {{"/none", "autofs"}, {"/none", "nfs"}}), "") << "it has been mounted";
  Write(units + "/none-alice.mount", "[Mount]\n");
  EXPECT_EQ(status("/none/alice", {{"/none", "autofs"}}), "4.2.0");
}

TEST_F(FindAbsenceTest, WaitsForSystemdHomed) {
  user.uid = 60177;
  user.home = directory / "none";
  EXPECT_EQ(Status(), courier::kAwaitsHome);
}

}  // namespace
