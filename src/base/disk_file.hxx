// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk.hxx"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Opens @p file without following a symbolic link (ELOOP). O_CLOEXEC is added.
/// @return an empty descriptor if it can't be opened; errno says why
[[nodiscard]] UniqueFd TryOpen(Disk& disk, const FileAt& file, int flags, mode_t mode = 0);

/// As TryOpen, but throws std::system_error.
[[nodiscard]] UniqueFd Open(Disk& disk, const FileAt& file, int flags, mode_t mode = 0);

/// What the kernel knows of an open file. Throws std::system_error.
[[nodiscard]] struct stat StatusOf(Disk& disk, FdRef file);

/// What the kernel knows of a name, of a symbolic link itself; empty if it is not there. Throws
/// std::system_error.
[[nodiscard]] std::optional<struct stat> FindStatus(Disk& disk, const FileAt& file);

/// Writes all of @p data, whatever number of calls that takes. Throws std::system_error.
void WriteAll(Disk& disk, FdRef fd, std::string_view data);

/// Reads to the end of the file from its current position.
/// @param limit more octets than this are an error (EFBIG)
/// Throws std::system_error.
[[nodiscard]] std::string ReadAll(Disk& disk, FdRef fd, std::size_t limit);

/// Reads @p size octets at @p offset, or what there is of them before the end of the file. Throws
/// std::system_error.
[[nodiscard]] std::string ReadAt(Disk& disk, FdRef file, std::uint64_t offset, std::size_t size);

/// Copies @p length octets from @p in at @p offset to the current position of @p out, in the kernel where it
/// can.
/// @return how many were there; fewer than @p length where @p in ended first
/// Throws std::system_error.
[[nodiscard]] std::uint64_t CopyRange(Disk& disk, FdRef in, std::uint64_t offset, FdRef out,
                                      std::uint64_t length);

/// fsync(2). Throws std::system_error.
void Sync(Disk& disk, FdRef fd);
/// fdatasync(2). Throws std::system_error.
void SyncData(Disk& disk, FdRef fd);
/// How long this thread has been in the two, in all.
struct SyncTime {
  std::chrono::nanoseconds clock{};
  std::chrono::nanoseconds processor{};  ///< of it
};
[[nodiscard]] SyncTime TimeInSync() noexcept;

/// The processor time that this thread has had.
[[nodiscard]] std::chrono::nanoseconds ProcessorTime() noexcept;

/// renameat(2). Throws std::system_error.
void Rename(Disk& disk, const FileAt& from, const FileAt& to);

/// Puts @p content under a name, durably and at once: a reader and a crash see the old file or
/// the new one, whole. Leaves ".NAME.new" behind only after a crash. Throws std::system_error.
void ReplaceFile(Disk& disk, const FileAt& file, std::string_view content, mode_t mode);

/// unlinkat(2); a name that is not there is no error. Throws std::system_error.
void RemoveFile(Disk& disk, const FileAt& file);
