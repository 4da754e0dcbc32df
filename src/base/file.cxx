// SPDX-License-Identifier: BSD-2-Clause
#include "base/file.hxx"

#include "base/error.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

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

ssize_t RetryRead(FdRef fd, char* buffer, std::size_t size) {
  ssize_t n;
  do n = ::read(fd.Get(), buffer, size);
  while (n < 0 && errno == EINTR);
  if (n < 0) ThrowErrno("Failed to read");
  return n;
}

// For what copy_file_range(2) refuses: pipes, sockets, and two file systems that don't know each other.
std::uint64_t CopyByHand(FdRef in, std::uint64_t offset, FdRef out, std::uint64_t length) {
  std::array<char, kCopyBlock> buffer;
  std::uint64_t done = 0;
  while (done < length) {
    const auto want = std::min<std::uint64_t>(buffer.size(), length - done);
    const ssize_t n = ::pread(in.Get(), buffer.data(), want, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("Failed to read the message");
    if (n == 0) break;
    WriteAll(out, {buffer.data(), static_cast<std::size_t>(n)});
    done += static_cast<std::uint64_t>(n);
  }
  return done;
}

UniqueFd Refuse(int code) noexcept {
  errno = code;
  return {};
}

UniqueFd TryOpenComponent(FdRef directory, const std::string& name, int flags, mode_t mode) noexcept {
  if (name == "..") return Refuse(EXDEV);
  int fd;
  do fd = ::openat(directory.Get(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return UniqueFd(fd);
}

UniqueFd TryOpenParent(FdRef directory, const std::string& name) noexcept {
  UniqueFd parent = TryOpenComponent(directory, name, O_PATH | O_DIRECTORY, 0);
  char ignored;
  if (!parent && errno == ENOTDIR)
    return Refuse(::readlinkat(directory.Get(), name.c_str(), &ignored, 1) >= 0 ? ELOOP : ENOTDIR);
  return parent;
}

}  // namespace

UniqueFd OpenDirectory(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) ThrowErrno("Failed to open directory", path);
  return fd;
}

// Not openat2(2): its flags are in memory, where a system call filter can't see them, so RestrictSUIDSGID=
// takes the whole call away.
UniqueFd TryOpenBeneath(const FileAt& file, int flags, mode_t mode) noexcept {
  const std::string& path = file.name;
  if (path.starts_with('/')) return Refuse(EXDEV);
  UniqueFd parent;
  std::size_t start = 0;
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', start)) {
    const FdRef directory = parent ? parent.Ref() : file.directory;
    parent = TryOpenParent(directory, path.substr(start, slash - start));
    if (!parent) return {};
    start = slash + 1;
  }
  return TryOpenComponent(parent ? parent.Ref() : file.directory, path.substr(start), flags, mode);
}

UniqueFd OpenBeneath(const FileAt& file, int flags, mode_t mode) {
  UniqueFd fd = TryOpenBeneath(file, flags, mode);
  if (!fd) ThrowErrno("Failed to open", file.name);
  return fd;
}

void WriteAll(FdRef fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd.Get(), data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("Failed to write");
    data.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string ReadAll(FdRef fd, std::size_t limit) {
  std::string text;
  std::array<char, 8192> buffer;
  while (const ssize_t n = RetryRead(fd, buffer.data(), buffer.size())) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
    ::explicit_bzero(buffer.data(), static_cast<std::size_t>(n));  // it may be a secret
    if (text.size() > limit) throw MakeErrno(EFBIG, "Failed to read");
  }
  return text;
}

std::string ReadAt(FdRef file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(file.Get(), text.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("Failed to read");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  text.resize(done);
  return text;
}

std::uint64_t CopyRange(FdRef in, std::uint64_t offset, FdRef out, std::uint64_t length) {
  std::uint64_t done = 0;
  while (done < length) {
    auto from = static_cast<loff_t>(offset + done);
    const ssize_t n = ::copy_file_range(in.Get(), &from, out.Get(), nullptr, length - done, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
        ThrowErrno("Failed to copy");
      return done + CopyByHand(in, offset + done, out, length - done);
    }
    // The end of the file, or a file system that says so too early: reading tells which.
    if (n == 0) return done + CopyByHand(in, offset + done, out, length - done);
    done += static_cast<std::uint64_t>(n);
  }
  return done;
}

void Sync(FdRef fd) {
  const SyncClock clock;
  if (::fsync(fd.Get()) < 0) ThrowErrno("Failed to fsync");
}

void SyncData(FdRef fd) {
  const SyncClock clock;
  if (::fdatasync(fd.Get()) < 0) ThrowErrno("Failed to fdatasync");
}

SyncTime TimeInSync() noexcept {
  return sync_time;
}

std::chrono::nanoseconds ProcessorTime() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void ReplaceFile(const FileAt& file, std::string_view content, mode_t mode) {
  const std::string temporary = "." + file.name + ".new";
  RemoveFile({file.directory, temporary});  // what a crash left
  const UniqueFd fd = OpenBeneath({file.directory, temporary}, O_WRONLY | O_CREAT | O_EXCL, mode);
  WriteAll(fd, content);
  Sync(fd);
  if (::renameat(file.directory.Get(), temporary.c_str(), file.directory.Get(), file.name.c_str()) < 0)
    ThrowErrno("Failed to replace", file.name);
  Sync(file.directory);
}

void RemoveFile(const FileAt& file) {
  if (::unlinkat(file.directory.Get(), file.name.c_str(), 0) < 0 && errno != ENOENT)
    ThrowErrno("Failed to remove", file.name);
}
