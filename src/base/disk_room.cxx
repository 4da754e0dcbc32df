// SPDX-License-Identifier: BSD-2-Clause
#include "base/disk_room.hxx"

#include "base/error.hxx"

#include <algorithm>
#include <cerrno>

namespace {

// A part of a whole, without an overflow and without floating point: sendmail does not load libm for it.
std::uint64_t Scale(std::uint64_t whole, std::uint64_t part, std::uint64_t of) noexcept {
  __extension__ using Wide = unsigned __int128;
  return of ? static_cast<std::uint64_t>(Wide{whole} * part / of) : 0;
}

}  // namespace

bool DiskRoom::Holds(std::uint64_t size, const DiskReserve& reserve) const noexcept {
  const auto kept = std::min(Scale(octets, reserve.percent, 100), reserve.octets);
  if (free_octets < kept || free_octets - kept < size) return false;
  return inodes == 0 || free_inodes >= Scale(inodes, kept, octets);
}

DiskRoom FindDiskRoom(Disk& disk, FdRef file) {
  struct statvfs status;
  int result;
  do result = disk.FStatVfs(file, status);
  while (result < 0 && errno == EINTR);
  if (result < 0) ThrowErrno("Failed to ask for the room on a file system");
  return {status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize, status.f_files,
          status.f_favail};
}
