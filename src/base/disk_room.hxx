// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"

#include <cstdint>
#include <limits>

/// The part of a file system that must stay free: the smaller one of a share and a size.
struct DiskReserve {
  static constexpr std::uint64_t kNoSize = std::numeric_limits<std::uint64_t>::max();

  unsigned percent = 100;
  std::uint64_t octets = kNoSize;
  bool operator==(const DiskReserve&) const = default;
};

/// The free room of a file system for users without privileges.
struct DiskRoom {
  std::uint64_t octets = 0;       ///< in all
  std::uint64_t free_octets = 0;  ///< of these
  std::uint64_t inodes = 0;       ///< in all; 0: this file system does not count them
  std::uint64_t free_inodes = 0;  ///< of these

  /// Whether @p size octets more, in a file or two, leave the reserve untouched. Of inodes the same share is
  /// kept free as of octets.
  [[nodiscard]] bool Holds(std::uint64_t size, const DiskReserve& reserve) const noexcept;
};

/// Of the file system that @p file, of whatever kind, is on. Throws std::system_error.
[[nodiscard]] DiskRoom FindDiskRoom(Disk& disk, FdRef file);
