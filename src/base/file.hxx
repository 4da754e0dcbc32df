// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk_file.hxx"

// What disk_file.hxx has, of the kernel itself, for whatever is not the spool.

/// Opens a directory for use as FileAt::directory. Throws std::system_error.
[[nodiscard]] UniqueFd OpenDirectory(const std::string& path);

/// Opens @p file without following a symbolic link in any component (ELOOP) and without leaving the directory
/// (EXDEV for ".." and absolute paths). O_CLOEXEC is added.
/// @return an empty descriptor if it can't be opened; errno says why
[[nodiscard]] UniqueFd TryOpenBeneath(const FileAt& file, int flags, mode_t mode = 0) noexcept;

/// Like TryOpenBeneath for reading, without a trace of it: what reads the file leaves its time of access
/// alone (O_NOATIME, open(2)), where the process may, as the file's owner. Programs take that time for the
/// time when the user has looked into their mail.
[[nodiscard]] UniqueFd TryOpenUnseen(const FileAt& file, int flags) noexcept;

/// Like TryOpenBeneath, but throws std::system_error.
[[nodiscard]] UniqueFd OpenBeneath(const FileAt& file, int flags, mode_t mode = 0);

/// Whether those may read @p file who have no right but everybody's, from the root directory down. False for
/// a path that does not begin with a slash, and for what can't be looked at.
[[nodiscard]] bool IsReadableByAll(const std::string& file);

inline void WriteAll(FdRef fd, std::string_view data) {
  WriteAll(RealDisk(), fd, data);
}
[[nodiscard]] inline std::string ReadAll(FdRef fd, std::size_t limit) {
  return ReadAll(RealDisk(), fd, limit);
}
[[nodiscard]] inline std::string ReadAt(FdRef file, std::uint64_t offset, std::size_t size) {
  return ReadAt(RealDisk(), file, offset, size);
}
[[nodiscard]] inline std::uint64_t CopyRange(FdRef in, std::uint64_t offset, FdRef out,
                                             std::uint64_t length) {
  return CopyRange(RealDisk(), in, offset, out, length);
}
inline void Sync(FdRef fd) {
  Sync(RealDisk(), fd);
}
inline void SyncData(FdRef fd) {
  SyncData(RealDisk(), fd);
}
inline void ReplaceFile(const FileAt& file, std::string_view content, mode_t mode) {
  ReplaceFile(RealDisk(), file, content, mode);
}
inline void RemoveFile(const FileAt& file) {
  RemoveFile(RealDisk(), file);
}
