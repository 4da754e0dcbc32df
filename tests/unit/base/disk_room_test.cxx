// SPDX-License-Identifier: BSD-2-Clause
#include "base/disk_room.hxx"

#include "base/file.hxx"

#include <gtest/gtest.h>

namespace {

constexpr std::uint64_t kGiga = std::uint64_t{1} << 30;

TEST(DiskRoom, KeepsTheSmallerOfAShareAndASize) {
  const struct {
    DiskRoom room;
    DiskReserve reserve;
    std::uint64_t size;
    bool holds;
  } cases[] = {
      {{1000, 51, 0, 0}, {5, kGiga}, 1, true},      // 5 %
      {{1000, 51, 0, 0}, {5, kGiga}, 2, false},     //
      {{1000, 49, 0, 0}, {5, kGiga}, 0, false},     //
      {{1000, 49, 0, 0}, {5, 40}, 9, true},         // 40 octets
      {{1000, 49, 0, 0}, {5, 40}, 10, false},       //
      {{1000, 0, 0, 0}, {0, kGiga}, 0, true},       // no reserve, and no room
      {{1000, 0, 0, 0}, {0, kGiga}, 1, false},      //
      {{0, 0, 0, 0}, {5, kGiga}, 0, true},          // what has no size, as some remote file systems
      {{1000, 900, 100, 5}, {5, kGiga}, 1, true},   // 5 % of the inodes
      {{1000, 900, 100, 4}, {5, kGiga}, 1, false},  //
      {{1000 * kGiga, 900 * kGiga, 1000000, 1000}, {5, kGiga}, 1, true},  // a thousandth of the space
      {{1000 * kGiga, 900 * kGiga, 1000000, 999}, {5, kGiga}, 1, false},  // and of the inodes
      {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}, {100, DiskReserve::kNoSize}, 0, true},
  };
  for (const auto& c : cases)
    EXPECT_EQ(c.room.Holds(c.size, c.reserve), c.holds)
        << c.room.free_octets << " of " << c.room.octets << " octets, " << c.room.free_inodes << " of "
        << c.room.inodes << " inodes are free, for " << c.size << " less " << c.reserve.percent << " % or "
        << c.reserve.octets;
}

TEST(DiskRoom, IsThatOfTheFileSystem) {
  const auto room = FindDiskRoom(RealDisk(), OpenDirectory("/tmp"));
  EXPECT_GT(room.octets, 0U);
  EXPECT_LE(room.free_octets, room.octets);
  EXPECT_LE(room.free_inodes, room.inodes);
}

}  // namespace
