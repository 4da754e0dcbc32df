// SPDX-License-Identifier: BSD-2-Clause
#include "base/file_identity.hxx"

#include <gtest/gtest.h>

namespace {

struct stat Status() {
  struct stat status {};
  status.st_dev = 1;
  status.st_ino = 2;
  status.st_size = 3;
  status.st_mtim = {100, 5};
  status.st_ctim = {200, 6};
  return status;
}

}  // namespace

TEST(FileIdentity, DiffersWithWhateverAChangeLeaves) {
  const FileIdentity identity(Status());
  EXPECT_TRUE(identity == FileIdentity(Status()));
  EXPECT_FALSE(identity == FileIdentity());
  const std::pair<const char*, void (*)(struct stat&)> changes[] = {
      {"device", [](struct stat& status) { status.st_dev = 9; }},
      {"inode", [](struct stat& status) { status.st_ino = 9; }},
      {"size", [](struct stat& status) { status.st_size = 9; }},
      {"seconds", [](struct stat& status) { status.st_mtim.tv_sec = 9; }},
      {"nanoseconds", [](struct stat& status) { status.st_mtim.tv_nsec = 9; }},
      {"time of change", [](struct stat& status) { status.st_ctim.tv_nsec = 9; }},
  };
  for (const auto& [what, change] : changes) {
    auto status = Status();
    change(status);
    EXPECT_FALSE(identity == FileIdentity(status)) << what;
  }
}

TEST(FileIdentity, IsFreshAsLongAsItsTimesMayStay) {
  const FileIdentity identity(Status());
  EXPECT_TRUE(identity.IsFresh({200, 0}));
  EXPECT_TRUE(identity.IsFresh({202, 999}));
  EXPECT_TRUE(identity.IsFresh({100, 0})) << "a clock that goes wrong";
  EXPECT_FALSE(identity.IsFresh({203, 0}));
}
