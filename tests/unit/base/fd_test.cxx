// SPDX-License-Identifier: BSD-2-Clause
#include "base/fd.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>

namespace {

UniqueFd OpenNull() {
  return UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC));
}
bool IsOpen(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

}  // namespace

TEST(UniqueFd, IsEmptyByDefault) {
  const UniqueFd fd;
  EXPECT_FALSE(fd);
  EXPECT_EQ(fd.Get(), -1);
}

TEST(UniqueFd, ClosesWhenDestroyed) {
  int number;
  {
    const UniqueFd fd = OpenNull();
    number = fd.Get();
    ASSERT_TRUE(IsOpen(number));
  }
  EXPECT_FALSE(IsOpen(number));
}

TEST(UniqueFd, CountsZeroAsADescriptor) {
  UniqueFd fd(0);
  EXPECT_TRUE(fd);
  EXPECT_EQ(fd.Release(), 0);
}

TEST(UniqueFd, MovingEmptiesTheSource) {
  UniqueFd from = OpenNull();
  const int number = from.Get();
  const UniqueFd to = std::move(from);
  EXPECT_FALSE(from);  // NOLINT(bugprone-use-after-move): the state after a move is documented
  EXPECT_EQ(to.Get(), number);
  EXPECT_TRUE(IsOpen(number));
}

TEST(UniqueFd, AssigningATemporaryClosesWhatWasHeld) {
  UniqueFd fd = OpenNull();
  const int held = fd.Get();
  UniqueFd other = OpenNull();
  const int number = other.Get();
  fd = UniqueFd(other.Release());
  EXPECT_FALSE(IsOpen(held));
  EXPECT_EQ(fd.Get(), number);
  EXPECT_TRUE(IsOpen(number));
}

TEST(UniqueFd, ReleaseKeepsItOpen) {
  UniqueFd fd = OpenNull();
  const int number = fd.Release();
  EXPECT_FALSE(fd);
  EXPECT_TRUE(IsOpen(number));
  ::close(number);
}

TEST(UniqueFd, CloseMayBeCalledTwice) {
  UniqueFd fd = OpenNull();
  const int number = fd.Get();
  fd.Close();
  EXPECT_FALSE(IsOpen(number));
  fd.Close();
  EXPECT_FALSE(fd);
}
