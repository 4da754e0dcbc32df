// SPDX-License-Identifier: BSD-2-Clause
#include "submit/drop_file.hxx"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>

namespace submit {

namespace {

// Readable to the runner through the directory's group, and to nobody else.
constexpr mode_t kMode = 0640;

FileAt Absolute(std::string path) {
  return {FdRef(AT_FDCWD), std::move(path)};
}

}  // namespace

DropFile::~DropFile() {
  if (!path_.empty() && !linked_) static_cast<void>(disk_.UnlinkAt(Absolute(path_), 0));
}

int DropFile::Open(mail::QueueId id) {
  // Readable, so that what was written can go another way when the disk turns out to be full.
  fd_ = disk_.OpenAt(Absolute(directory_), O_TMPFILE | O_RDWR | O_CLOEXEC, kMode);
  // EISDIR and ENOENT come from kernels and file systems that don't know O_TMPFILE.
  if (!fd_ && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) return OpenNamed(id);
  return fd_ ? MakeReadable() : errno;
}

int DropFile::OpenNamed(mail::QueueId id) {
  const std::string path = directory_ + "/." + id.ToString();
  fd_ = disk_.OpenAt(Absolute(path), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, kMode);
  if (!fd_) return errno;
  path_ = path;
  return MakeReadable();
}

// Whatever the caller's umask is.
int DropFile::MakeReadable() {
  return disk_.FChMod(fd_, kMode) < 0 ? errno : 0;
}

int DropFile::Write(std::string_view& data) {
  while (!data.empty()) {
    const ssize_t n = disk_.Write(fd_, data);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    data.remove_prefix(static_cast<std::size_t>(n));
    size_ += static_cast<std::uint64_t>(n);
  }
  return 0;
}

void DropFile::Copy(FileOrigin origin, std::string_view& data) {
  auto offset = static_cast<off_t>(origin.offset);
  while (!data.empty() && copies_) {
    const ssize_t n = disk_.CopyFileRange(origin.file, offset, fd_, data.size());
    if (n < 0 && errno == EINTR) continue;
    copies_ = n > 0;  // another file system, a file that was cut, a disk that is full
    if (!copies_) return;
    data.remove_prefix(static_cast<std::size_t>(n));
    size_ += static_cast<std::uint64_t>(n);
  }
}

int DropFile::Overwrite(std::uint64_t offset, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = disk_.PWrite(fd_, data, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    data.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return 0;
}

int DropFile::Link(mail::QueueId id) {
  const std::string path = directory_ + "/" + id.ToString();
  if (path_.empty()) {
    if (disk_.LinkAt(fd_, Absolute(path)) < 0) return errno;
  } else if (disk_.RenameAt(Absolute(path_), Absolute(path), RENAME_NOREPLACE) < 0) {
    return errno;
  }
  path_ = path;
  linked_ = true;
  return 0;
}

int DropFile::SyncOrUnlink() {
  if (disk_.FSync(fd_) == 0) return 0;
  const int error = errno;
  if (disk_.UnlinkAt(Absolute(path_), 0) < 0 && errno == ENOENT) return 0;
  return error;
}

}  // namespace submit
