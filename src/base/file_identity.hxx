// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/stat.h>

#include <ctime>

/// Tells from stat(2) whether a file is another one, or was written to.
class FileIdentity {
 public:
  FileIdentity() noexcept = default;
  explicit FileIdentity(const struct stat& status) noexcept
      : device_(status.st_dev),
        inode_(status.st_ino),
        size_(status.st_size),
        modified_(status.st_mtim),
        changed_(status.st_ctim) {}

  [[nodiscard]] bool operator==(const FileIdentity& other) const noexcept {
    return IsSameFile(other) && size_ == other.size_ && IsSame(modified_, other.modified_) &&
           IsSame(changed_, other.changed_);
  }
  /// The same inode, whatever has been written to it.
  [[nodiscard]] bool IsSameFile(const FileIdentity& other) const noexcept {
    return device_ == other.device_ && inode_ == other.inode_;
  }
  /// Written to within kClockStep before @p now: what is written next may have the same times.
  [[nodiscard]] bool IsFresh(const timespec& now) const noexcept {
    return changed_.tv_sec + kClockStep >= now.tv_sec;
  }

 private:
  static constexpr std::time_t kClockStep = 2;  // seconds: file systems' times are that coarse, or better

  [[nodiscard]] static bool IsSame(const timespec& a, const timespec& b) noexcept {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
  }

  dev_t device_ = 0;
  ino_t inode_ = 0;
  off_t size_ = -1;
  timespec modified_{};
  timespec changed_{};
};
