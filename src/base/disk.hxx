// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>

/// A name within an open directory: the two always travel together.
struct FileAt {
  FdRef directory;
  std::string name;  ///< one path component; TryOpenBeneath takes more
};

/// The system calls by which the spool reaches the kernel, one method each. A test puts another disk in
/// place, which fails a call, stops the process at it, or loses what was not synced; see
/// tests/support/simulated_disk.hxx.
///
/// A method does what the call of its name does, and reports as that does: -1 or an empty descriptor, and
/// errno. None of them repeats what a signal has interrupted; disk_file.hxx does that, and throws.
///
/// Descriptors are the kernel's whatever the disk: they are closed without it, other processes can be given
/// them, and files can be read from them with pread(2). The directory of a FileAt may be AT_FDCWD, with a
/// path that is absolute.
class Disk {
 public:
  Disk() noexcept = default;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  virtual ~Disk() = default;

  [[nodiscard]] virtual UniqueFd OpenAt(const FileAt& file, int flags, mode_t mode) = 0;
  [[nodiscard]] virtual ssize_t Read(FdRef file, std::span<char> room) = 0;
  [[nodiscard]] virtual ssize_t PRead(FdRef file, std::span<char> room, off_t offset) = 0;
  [[nodiscard]] virtual ssize_t Write(FdRef file, std::string_view data) = 0;
  [[nodiscard]] virtual ssize_t PWrite(FdRef file, std::string_view data, off_t offset) = 0;
  /// Copies to the current position of @p out.
  /// @param offset in @p in; moves on behind what was copied
  [[nodiscard]] virtual ssize_t CopyFileRange(FdRef in, off_t& offset, FdRef out, std::size_t length) = 0;
  [[nodiscard]] virtual off_t LSeek(FdRef file, off_t offset, int whence) = 0;
  [[nodiscard]] virtual int FTruncate(FdRef file, off_t length) = 0;
  [[nodiscard]] virtual int FChMod(FdRef file, mode_t mode) = 0;
  [[nodiscard]] virtual int FStat(FdRef file, struct stat& status) = 0;
  /// Of a symbolic link itself.
  [[nodiscard]] virtual int FStatAt(const FileAt& file, struct stat& status) = 0;
  [[nodiscard]] virtual int FStatVfs(FdRef file, struct statvfs& status) = 0;
  [[nodiscard]] virtual int FSync(FdRef file) = 0;
  [[nodiscard]] virtual int FDataSync(FdRef file) = 0;
  /// Begins to write (SYNC_FILE_RANGE_WRITE), which makes nothing durable.
  /// @param length 0: to the end of the file
  virtual int SyncFileRange(FdRef file, off_t offset, off_t length) = 0;
  /// @param flags of renameat2(2)
  [[nodiscard]] virtual int RenameAt(const FileAt& from, const FileAt& to, unsigned flags) = 0;
  [[nodiscard]] virtual int UnlinkAt(const FileAt& file, int flags) = 0;
  /// linkat(2) of an open file that may have no name.
  [[nodiscard]] virtual int LinkAt(FdRef file, const FileAt& to) = 0;
  [[nodiscard]] virtual int MkDirAt(const FileAt& directory, mode_t mode) = 0;
  /// @param room for records of struct dirent64, aligned like them
  [[nodiscard]] virtual ssize_t GetDents(FdRef directory, std::span<char> room) = 0;
  /// A descriptor that doesn't block and has an event of inotify(7) for each name that appears in
  /// @p directory (IN_CREATE, IN_MOVED_TO).
  [[nodiscard]] virtual UniqueFd Watch(FdRef directory) = 0;
};

/// The kernel itself. It has no state: any thread may use it at any time.
[[nodiscard]] Disk& RealDisk() noexcept;
