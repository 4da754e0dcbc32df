// SPDX-License-Identifier: BSD-2-Clause
#include "submit/drop_file.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace submit {

namespace {

// Readable to the runner through the directory's group, and to nobody else.
constexpr mode_t kMode = 0640;

}  // namespace

DropFile::~DropFile() {
  if (!path_.empty() && !linked_) ::unlink(path_.c_str());
}

int DropFile::Open(mail::QueueId id) {
  // Readable, so that what was written can go another way when the disk turns out to be full.
  fd_ = UniqueFd(::open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kMode));
  // EISDIR and ENOENT come from kernels and file systems that don't know O_TMPFILE.
  if (!fd_ && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) return OpenNamed(id);
  if (!fd_) return errno;
  return ::fchmod(fd_.Get(), kMode) < 0 ? errno : 0;  // whatever the caller's umask is
}

int DropFile::OpenNamed(mail::QueueId id) {
  const std::string path = directory_ + "/." + id.ToString();
  fd_ = UniqueFd(::open(path.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, kMode));
  if (!fd_) return errno;
  path_ = path;
  return ::fchmod(fd_.Get(), kMode) < 0 ? errno : 0;
}

int DropFile::Write(std::string_view& data) noexcept {
  while (!data.empty()) {
    const ssize_t n = ::write(fd_.Get(), data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    data.remove_prefix(static_cast<std::size_t>(n));
    size_ += static_cast<std::uint64_t>(n);
  }
  return 0;
}

void DropFile::Copy(FileOrigin origin, std::string_view& data) noexcept {
  auto offset = static_cast<off_t>(origin.offset);
  while (!data.empty() && copies_) {
    const ssize_t n = ::copy_file_range(origin.file.Get(), &offset, fd_.Get(), nullptr, data.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    copies_ = n > 0;  // another file system, a file that was cut, a disk that is full
    if (!copies_) return;
    data.remove_prefix(static_cast<std::size_t>(n));
    size_ += static_cast<std::uint64_t>(n);
  }
}

int DropFile::Overwrite(std::uint64_t offset, std::string_view data) noexcept {
  while (!data.empty()) {
    const ssize_t n = ::pwrite(fd_.Get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    data.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return 0;
}

int DropFile::Link(mail::QueueId id) noexcept {
  const std::string path = directory_ + "/" + id.ToString();
  if (path_.empty()) {
    char self[64];
    std::snprintf(self, sizeof self, "/proc/self/fd/%d", fd_.Get());
    if (::linkat(AT_FDCWD, self, AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) < 0) return errno;
  } else if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) < 0) {
    return errno;
  }
  path_ = path;
  linked_ = true;
  return 0;
}

int DropFile::SyncOrUnlink() noexcept {
  if (::fsync(fd_.Get()) == 0) return 0;
  const int error = errno;
  if (::unlink(path_.c_str()) < 0 && errno == ENOENT) return 0;
  return error;
}

}  // namespace submit
