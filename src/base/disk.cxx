// SPDX-License-Identifier: BSD-2-Clause
#include "base/disk.hxx"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cstdio>
#include <dirent.h>

namespace {

// What linkat(2) and inotify(7) are told of an open file.
struct PathOfDescriptor {
  explicit PathOfDescriptor(FdRef file) noexcept {
    std::snprintf(text, sizeof text, "/proc/self/fd/%d", file.Get());
  }
  char text[32];
};

class Kernel final : public Disk {
 public:
  UniqueFd OpenAt(const FileAt& file, int flags, mode_t mode) override {
    return UniqueFd(::openat(file.directory.Get(), file.name.c_str(), flags, mode));
  }
  ssize_t Read(FdRef file, std::span<char> room) override {
    return ::read(file.Get(), room.data(), room.size());
  }
  ssize_t PRead(FdRef file, std::span<char> room, off_t offset) override {
    return ::pread(file.Get(), room.data(), room.size(), offset);
  }
  ssize_t Write(FdRef file, std::string_view data) override {
    return ::write(file.Get(), data.data(), data.size());
  }
  ssize_t PWrite(FdRef file, std::string_view data, off_t offset) override {
    return ::pwrite(file.Get(), data.data(), data.size(), offset);
  }
  ssize_t CopyFileRange(FdRef in, off_t& offset, FdRef out, std::size_t length) override {
    return ::copy_file_range(in.Get(), &offset, out.Get(), nullptr, length, 0);
  }
  off_t LSeek(FdRef file, off_t offset, int whence) override { return ::lseek(file.Get(), offset, whence); }
  int FTruncate(FdRef file, off_t length) override { return ::ftruncate(file.Get(), length); }
  int FChMod(FdRef file, mode_t mode) override { return ::fchmod(file.Get(), mode); }
  int FStat(FdRef file, struct stat& status) override { return ::fstat(file.Get(), &status); }
  int FStatAt(const FileAt& file, struct stat& status) override {
    return ::fstatat(file.directory.Get(), file.name.c_str(), &status, AT_SYMLINK_NOFOLLOW);
  }
  int FStatVfs(FdRef file, struct statvfs& status) override { return ::fstatvfs(file.Get(), &status); }
  int FSync(FdRef file) override { return ::fsync(file.Get()); }
  int FDataSync(FdRef file) override { return ::fdatasync(file.Get()); }
  int SyncFileRange(FdRef file, off_t offset, off_t length) override {
    return ::sync_file_range(file.Get(), offset, length, SYNC_FILE_RANGE_WRITE);
  }
  int RenameAt(const FileAt& from, const FileAt& to, unsigned flags) override {
    return ::renameat2(from.directory.Get(), from.name.c_str(), to.directory.Get(), to.name.c_str(), flags);
  }
  int UnlinkAt(const FileAt& file, int flags) override {
    return ::unlinkat(file.directory.Get(), file.name.c_str(), flags);
  }
  int LinkAt(FdRef file, const FileAt& to) override {
    return ::linkat(AT_FDCWD, PathOfDescriptor(file).text, to.directory.Get(), to.name.c_str(),
                    AT_SYMLINK_FOLLOW);
  }
  int MkDirAt(const FileAt& directory, mode_t mode) override {
    return ::mkdirat(directory.directory.Get(), directory.name.c_str(), mode);
  }
  ssize_t GetDents(FdRef directory, std::span<char> room) override {
    return ::getdents64(directory.Get(), room.data(), room.size());
  }
  UniqueFd Watch(FdRef directory) override {
    constexpr std::uint32_t kEvents = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
    UniqueFd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!watch) return watch;
    return ::inotify_add_watch(watch.Get(), PathOfDescriptor(directory).text, kEvents) < 0 ? UniqueFd()
                                                                                           : std::move(watch);
  }
};

}  // namespace

Disk& RealDisk() noexcept {
  static Kernel kernel;
  return kernel;
}
