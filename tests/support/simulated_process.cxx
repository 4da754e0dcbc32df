// SPDX-License-Identifier: BSD-2-Clause
#include "support/simulated_process.hxx"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace {

constexpr std::array kCallNames = {
    "openat",          "read",     "pread",    "write",   "pwrite",   "copy_file_range", "lseek",
    "ftruncate",       "fchmod",   "fstat",    "fstatat", "fstatvfs", "fsync",           "fdatasync",
    "sync_file_range", "renameat", "unlinkat", "linkat",  "mkdirat",  "getdents",        "watch"};

std::size_t Part(std::size_t size, bool half) noexcept {
  return half ? (size + 1) / 2 : size;
}

// For Make: a descriptor as a call returns it, which stays in @p fd.
int Number(const UniqueFd& fd) noexcept {
  return fd ? fd.Get() : -1;
}

}  // namespace

SimulatedProcess::SimulatedProcess(SimulatedDisk& disk, uid_t owner, gid_t group)
    : disk_(disk), self_{owner, group} {
  disk_.processes_.insert(this);
}

SimulatedProcess::~SimulatedProcess() {
  disk_.processes_.erase(this);
}

bool SimulatedProcess::Planned::Hits(Call call) noexcept {
  if (fault.call && *fault.call != call) return false;
  if (++seen < fault.first) return false;
  switch (fault.repeat) {
    case Fault::Repeat::Once:
      return seen == fault.first;
    case Fault::Repeat::Always:
      return true;
    case Fault::Repeat::EveryThird:
      return (seen - fault.first) % 3 == 0;
  }
  return false;
}

SimulatedProcess::Way SimulatedProcess::Begin(Call call) {
  if (!is_stopped_ && ++calls_ == stop_) Stop();
  if (is_stopped_) {
    errno = ESHUTDOWN;
    return Way::Error;
  }
  Way way = Way::Whole;
  for (auto& planned : faults_) {
    if (!planned.Hits(call) || way != Way::Whole) continue;
    if (planned.fault.error == 0) way = Way::Nothing;
    if (planned.fault.error == Fault::kShort) way = Way::Half;
    if (planned.fault.error <= 0) continue;
    errno = planned.fault.error;
    way = Way::Error;
  }
  return way;
}

template <typename What, typename Do>
ssize_t SimulatedProcess::Make(Call call, const What& what, const Do& make) {
  const bool was_stopped = is_stopped_;
  disk_.ContinueWatches();
  const auto way = Begin(call);
  ssize_t result = -1;
  if (way == Way::Nothing) result = 0;
  if (way == Way::Whole || way == Way::Half) result = make(way == Way::Half);
  if (!trace_ || was_stopped) return result;
  const int error = errno;
  std::string line = std::to_string(calls_) + " " + kCallNames[static_cast<std::size_t>(call)] + " " +
                     disk_.Describe(what) + ": ";
  line += is_stopped_ ? "stopped" : result < 0 ? std::strerror(error) : std::to_string(result);
  trace_(line);
  errno = error;
  return result;
}

UniqueFd SimulatedProcess::OpenAt(const FileAt& file, int flags, mode_t mode) {
  UniqueFd fd;
  Make(Call::OpenAt, file, [&](bool) { return Number(fd = disk_.OpenAt(file, flags, mode, self_)); });
  return fd;
}

ssize_t SimulatedProcess::Read(FdRef file, std::span<char> room) {
  return Make(Call::Read, file,
              [&](bool half) { return ::read(file.Get(), room.data(), Part(room.size(), half)); });
}

ssize_t SimulatedProcess::PRead(FdRef file, std::span<char> room, off_t offset) {
  return Make(Call::PRead, file,
              [&](bool half) { return ::pread(file.Get(), room.data(), Part(room.size(), half), offset); });
}

ssize_t SimulatedProcess::Write(FdRef file, std::string_view data) {
  return Make(Call::Write, file,
              [&](bool half) { return disk_.Write(file, data.substr(0, Part(data.size(), half))); });
}

ssize_t SimulatedProcess::PWrite(FdRef file, std::string_view data, off_t offset) {
  return Make(Call::PWrite, file,
              [&](bool half) { return disk_.PWrite(file, data.substr(0, Part(data.size(), half)), offset); });
}

ssize_t SimulatedProcess::CopyFileRange(FdRef in, off_t& offset, FdRef out, std::size_t length) {
  return Make(Call::CopyFileRange, out,
              [&](bool half) { return disk_.CopyFileRange(in, offset, out, Part(length, half)); });
}

off_t SimulatedProcess::LSeek(FdRef file, off_t offset, int whence) {
  return Make(Call::LSeek, file, [&](bool) { return ::lseek(file.Get(), offset, whence); });
}

int SimulatedProcess::FTruncate(FdRef file, off_t length) {
  return static_cast<int>(Make(Call::FTruncate, file, [&](bool) { return disk_.FTruncate(file, length); }));
}

int SimulatedProcess::FChMod(FdRef file, mode_t mode) {
  return static_cast<int>(Make(Call::FChMod, file, [&](bool) { return disk_.FChMod(file, mode); }));
}

int SimulatedProcess::FStat(FdRef file, struct stat& status) {
  return static_cast<int>(Make(Call::FStat, file, [&](bool) { return disk_.FStat(file, status); }));
}

int SimulatedProcess::FStatAt(const FileAt& file, struct stat& status) {
  return static_cast<int>(Make(Call::FStatAt, file, [&](bool) { return disk_.FStatAt(file, status); }));
}

int SimulatedProcess::FStatVfs(FdRef file, struct statvfs& status) {
  return static_cast<int>(Make(Call::FStatVfs, file, [&](bool) { return disk_.FStatVfs(file, status); }));
}

int SimulatedProcess::FSync(FdRef file) {
  const auto result = Make(Call::FSync, file, [&](bool) { return disk_.Sync(file, true); });
  if (result < 0 && !is_stopped_) disk_.FailSync(file);
  return static_cast<int>(result);
}

int SimulatedProcess::FDataSync(FdRef file) {
  const auto result = Make(Call::FDataSync, file, [&](bool) { return disk_.Sync(file, false); });
  if (result < 0 && !is_stopped_) disk_.FailSync(file);
  return static_cast<int>(result);
}

int SimulatedProcess::SyncFileRange(FdRef file, off_t, off_t) {
  return static_cast<int>(Make(Call::SyncFileRange, file, [](bool) { return 0; }));
}

int SimulatedProcess::RenameAt(const FileAt& from, const FileAt& to, unsigned flags) {
  const auto what = std::pair(from, to);
  return static_cast<int>(Make(Call::RenameAt, what, [&](bool) { return disk_.RenameAt(from, to, flags); }));
}

int SimulatedProcess::UnlinkAt(const FileAt& file, int flags) {
  return static_cast<int>(Make(Call::UnlinkAt, file, [&](bool) { return disk_.UnlinkAt(file, flags); }));
}

int SimulatedProcess::LinkAt(FdRef file, const FileAt& to) {
  return static_cast<int>(Make(Call::LinkAt, to, [&](bool) { return disk_.LinkAt(file, to); }));
}

int SimulatedProcess::MkDirAt(const FileAt& directory, mode_t mode) {
  return static_cast<int>(
      Make(Call::MkDirAt, directory, [&](bool) { return disk_.MkDirAt(directory, mode, self_); }));
}

ssize_t SimulatedProcess::GetDents(FdRef directory, std::span<char> room) {
  return Make(Call::GetDents, directory, [&](bool) { return disk_.GetDents(directory, room); });
}

UniqueFd SimulatedProcess::Watch(FdRef directory) {
  UniqueFd fd;
  Make(Call::Watch, directory, [&](bool) { return Number(fd = disk_.Watch(directory)); });
  return fd;
}
