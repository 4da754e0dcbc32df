// SPDX-License-Identifier: BSD-2-Clause
#include "base/error.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

TEST(Error, NamesWhatWasAttemptedAndOnWhat) {
  EXPECT_STREQ(MakeErrno(ENOENT, "Failed to open", "a\nb").what(),
               "Failed to open 'a\\x0ab': No such file or directory");
}

TEST(Error, LeavesOutAnEmptyName) {
  EXPECT_STREQ(MakeErrno(EPERM, "Failed to write").what(), "Failed to write: Operation not permitted");
}

TEST(Error, ThrowsTheErrnoOfTheFailedCall) {
  errno = EROFS;
  try {
    ThrowErrno("Failed to link", "x");
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_TRUE(IsErrno(error, EROFS));
    EXPECT_FALSE(IsErrno(error, EACCES));
  }
}

TEST(Error, IsErrnoLooksAtTheCategory) {
  EXPECT_FALSE(IsErrno(std::system_error(EPERM, std::iostream_category()), EPERM));
}
