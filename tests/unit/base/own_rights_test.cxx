// SPDX-License-Identifier: BSD-2-Clause
#include "base/own_rights.hxx"

#include "base/error.hxx"
#include "base/user.hxx"
#include "temporary_directory.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

namespace {

using own_rights::kRead;
using own_rights::kSearch;

constexpr uid_t kUser = 3000;  // nobody's

struct OwnRightsTest : testing::Test {
  TemporaryDirectory directory;
  std::string path = directory / "file";
  gid_t mail = FindGroup("mail").value_or(8);

  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "takes root, who gives files away";
    std::ofstream(path) << "text";
  }
  void Set(uid_t uid, gid_t gid, mode_t mode) const {
    ASSERT_EQ(::chown(path.c_str(), uid, gid), 0);
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }
  /// Adds one entry for a named user or group. @return false where the file system has no such lists
  [[nodiscard]] bool SetList(unsigned short tag, unsigned id, unsigned short group, unsigned short named,
                             unsigned short mask) const {
    struct {
      posix_acl_xattr_header header{POSIX_ACL_XATTR_VERSION};
      posix_acl_xattr_entry entries[5];
    } list{};
    const auto none = static_cast<unsigned>(ACL_UNDEFINED_ID);
    const bool is_user = tag == ACL_USER;
    const posix_acl_xattr_entry extra{tag, named, id};
    const posix_acl_xattr_entry owning{ACL_GROUP_OBJ, group, none};
    list.entries[0] = {ACL_USER_OBJ, 6, none};
    list.entries[1] = is_user ? extra : owning;
    list.entries[2] = is_user ? owning : extra;
    list.entries[3] = {ACL_MASK, mask, none};
    list.entries[4] = {ACL_OTHER, 0, none};
    return ::setxattr(path.c_str(), "system.posix_acl_access", &list, sizeof list, 0) == 0;
  }
  [[nodiscard]] bool Suffice(own_rights::Wanted wanted = kRead, uid_t uid = kUser) const {
    const UniqueFd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat status;
    if (::fstat(fd.Get(), &status) < 0) ThrowErrno("Failed to look at", path);
    return own_rights::Suffice(fd, status, uid, wanted);
  }
};

TEST_F(OwnRightsTest, DoNotCountGroupMail) {
  Set(0, mail, 0640);
  EXPECT_FALSE(Suffice());
  Set(0, mail, 0644);
  EXPECT_TRUE(Suffice()) << "everybody may read it";
  Set(kUser, mail, 0640);
  EXPECT_TRUE(Suffice()) << "the user's own";
  Set(0, mail, 0710);
  EXPECT_FALSE(Suffice(kSearch));
  EXPECT_TRUE(Suffice(kRead)) << "group mail gives no leave for that, so the kernel has another reason";
  Set(0, mail, 0711);
  EXPECT_TRUE(Suffice(kSearch));
}

TEST_F(OwnRightsTest, AreThoseOfAMember) {
  const auto user = FindUser("mail");
  if (!user || user->gid != mail) GTEST_SKIP() << "takes a user of group mail";
  Set(0, mail, 0640);
  EXPECT_TRUE(Suffice(kRead, user->uid));
}

TEST_F(OwnRightsTest, AreInAccessControlLists) {
  Set(0, mail, 0640);
  if (!SetList(ACL_USER, kUser, 4, 4, 4)) GTEST_SKIP() << "no access control lists here";
  EXPECT_TRUE(Suffice()) << "a named user";
  EXPECT_FALSE(Suffice(kRead, kUser + 1));
  ASSERT_TRUE(SetList(ACL_USER, kUser, 4, 0, 4));
  EXPECT_FALSE(Suffice()) << "a named user who may not";
  Set(0, 3000, 0640);
  ASSERT_TRUE(SetList(ACL_GROUP, mail, 0, 4, 4));
  EXPECT_FALSE(Suffice()) << "the named group mail";
  ASSERT_TRUE(SetList(ACL_GROUP, mail, 0, 4, 0));
  EXPECT_TRUE(Suffice()) << "the mask takes everything from it";
}

}  // namespace
