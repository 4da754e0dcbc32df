// SPDX-License-Identifier: BSD-2-Clause
#include "base/disk_file.hxx"

#include "base/error.hxx"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <string.h>

namespace {

constexpr std::size_t kCopyBlock = 64 * 1024;

thread_local SyncTime sync_time;

/// Counts its own lifetime.
class SyncClock {
 public:
  SyncClock() noexcept = default;
  ~SyncClock() {
    sync_time.clock += std::chrono::steady_clock::now() - begin_;
    sync_time.processor += ProcessorTime() - processor_;
  }
  SyncClock(const SyncClock&) = delete;
  SyncClock& operator=(const SyncClock&) = delete;

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::chrono::nanoseconds processor_ = ProcessorTime();
};

// Makes a call again that a signal has interrupted. Throws std::system_error.
template <typename Call>
std::size_t Repeat(const char* what, const Call& call) {
  for (;;) {
    const ssize_t n = call();
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) ThrowErrno(what);
  }
}

// For what copy_file_range(2) refuses: pipes, sockets, and two file systems that don't know each other.
std::uint64_t CopyByHand(Disk& disk, FdRef in, std::uint64_t offset, FdRef out, std::uint64_t length) {
  std::array<char, kCopyBlock> buffer;
  std::uint64_t done = 0;
  while (done < length) {
    const std::span room(buffer.data(), std::min<std::uint64_t>(buffer.size(), length - done));
    const auto n = Repeat("Failed to read the message",
                          [&] { return disk.PRead(in, room, static_cast<off_t>(offset + done)); });
    if (n == 0) break;
    WriteAll(disk, out, {buffer.data(), n});
    done += n;
  }
  return done;
}

}  // namespace

UniqueFd TryOpen(Disk& disk, const FileAt& file, int flags, mode_t mode) {
  for (;;) {
    UniqueFd fd = disk.OpenAt(file, flags | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd || errno != EINTR) return fd;
  }
}

UniqueFd Open(Disk& disk, const FileAt& file, int flags, mode_t mode) {
  UniqueFd fd = TryOpen(disk, file, flags, mode);
  if (!fd) ThrowErrno("Failed to open", file.name);
  return fd;
}

struct stat StatusOf(Disk& disk, FdRef file) {
  struct stat status;
  if (disk.FStat(file, status) < 0) ThrowErrno("Failed to stat");
  return status;
}

std::optional<struct stat> FindStatus(Disk& disk, const FileAt& file) {
  struct stat status;
  if (disk.FStatAt(file, status) == 0) return status;
  if (errno != ENOENT) ThrowErrno("Failed to stat", file.name);
  return std::nullopt;
}

void WriteAll(Disk& disk, FdRef fd, std::string_view data) {
  while (!data.empty()) data.remove_prefix(Repeat("Failed to write", [&] { return disk.Write(fd, data); }));
}

std::string ReadAll(Disk& disk, FdRef fd, std::size_t limit) {
  std::string text;
  std::array<char, 8192> buffer;
  while (const auto n = Repeat("Failed to read", [&] { return disk.Read(fd, buffer); })) {
    text.append(buffer.data(), n);
    ::explicit_bzero(buffer.data(), n);  // it may be a secret
    if (text.size() > limit) throw MakeErrno(EFBIG, "Failed to read");
  }
  return text;
}

std::string ReadAt(Disk& disk, FdRef file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const std::span room(text.data() + done, size - done);
    const auto n =
        Repeat("Failed to read", [&] { return disk.PRead(file, room, static_cast<off_t>(offset + done)); });
    if (n == 0) break;
    done += n;
  }
  text.resize(done);
  return text;
}

std::uint64_t CopyRange(Disk& disk, FdRef in, std::uint64_t offset, FdRef out, std::uint64_t length) {
  std::uint64_t done = 0;
  while (done < length) {
    auto from = static_cast<off_t>(offset + done);
    const ssize_t n = disk.CopyFileRange(in, from, out, length - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
        ThrowErrno("Failed to copy");
      return done + CopyByHand(disk, in, offset + done, out, length - done);
    }
    // The end of the file, or a file system that says so too early: reading tells which.
    if (n == 0) return done + CopyByHand(disk, in, offset + done, out, length - done);
    done += static_cast<std::uint64_t>(n);
  }
  return done;
}

void Sync(Disk& disk, FdRef fd) {
  const SyncClock clock;
  if (disk.FSync(fd) < 0) ThrowErrno("Failed to fsync");
}

void SyncData(Disk& disk, FdRef fd) {
  const SyncClock clock;
  if (disk.FDataSync(fd) < 0) ThrowErrno("Failed to fdatasync");
}

SyncTime TimeInSync() noexcept {
  return sync_time;
}

std::chrono::nanoseconds ProcessorTime() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void Rename(Disk& disk, const FileAt& from, const FileAt& to) {
  if (disk.RenameAt(from, to, 0) < 0) ThrowErrno("Failed to rename", from.name);
}

void ReplaceFile(Disk& disk, const FileAt& file, std::string_view content, mode_t mode) {
  const FileAt temporary{file.directory, "." + file.name + ".new"};
  RemoveFile(disk, temporary);  // what a crash left
  const UniqueFd fd = Open(disk, temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
  WriteAll(disk, fd, content);
  Sync(disk, fd);
  Rename(disk, temporary, file);
  Sync(disk, file.directory);
}

void RemoveFile(Disk& disk, const FileAt& file) {
  if (disk.UnlinkAt(file, 0) < 0 && errno != ENOENT) ThrowErrno("Failed to remove", file.name);
}
