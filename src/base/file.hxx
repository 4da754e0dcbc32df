// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// A name within an open directory: the two always travel together.
struct FileAt {
  FdRef directory;
  std::string name;  ///< one path component; TryOpenBeneath takes more
};

/// Opens a directory for use as FileAt::directory. Throws std::system_error.
[[nodiscard]] UniqueFd OpenDirectory(const std::string& path);

/// Opens @p file without following a symbolic link in any component (ELOOP) and without leaving the directory
/// (EXDEV for ".." and absolute paths). O_CLOEXEC is added.
/// @return an empty descriptor if it can't be opened; errno says why
[[nodiscard]] UniqueFd TryOpenBeneath(const FileAt& file, int flags, mode_t mode = 0) noexcept;

/// Like TryOpenBeneath, but throws std::system_error.
[[nodiscard]] UniqueFd OpenBeneath(const FileAt& file, int flags, mode_t mode = 0);

/// Writes all of @p data, whatever number of calls that takes. Throws std::system_error.
void WriteAll(FdRef fd, std::string_view data);

/// Reads to the end of the file from its current position.
/// @param limit more octets than this are an error (EFBIG)
/// Throws std::system_error.
[[nodiscard]] std::string ReadAll(FdRef fd, std::size_t limit);

/// Reads @p size octets at @p offset, or what there is of them before the end of the file. Throws
/// std::system_error.
[[nodiscard]] std::string ReadAt(FdRef file, std::uint64_t offset, std::size_t size);

/// Copies @p length octets from @p in at @p offset to the current position of @p out, in the kernel where it
/// can.
/// @return how many were there; fewer than @p length where @p in ended first
/// Throws std::system_error.
[[nodiscard]] std::uint64_t CopyRange(FdRef in, std::uint64_t offset, FdRef out, std::uint64_t length);

/// fsync(2). Throws std::system_error.
void Sync(FdRef fd);
/// fdatasync(2). Throws std::system_error.
void SyncData(FdRef fd);
/// How long this thread has been in the two, in all.
struct SyncTime {
  std::chrono::nanoseconds clock{};
  std::chrono::nanoseconds processor{};  ///< of it
};
[[nodiscard]] SyncTime TimeInSync() noexcept;

/// The processor time that this thread has had.
[[nodiscard]] std::chrono::nanoseconds ProcessorTime() noexcept;

/// Puts @p content under a name, durably and at once: a reader and a crash see the old file or
/// the new one, whole. Leaves ".NAME.new" behind only after a crash. Throws std::system_error.
void ReplaceFile(const FileAt& file, std::string_view content, mode_t mode);

/// unlinkat(2); a name that is not there is no error. Throws std::system_error.
void RemoveFile(const FileAt& file);
