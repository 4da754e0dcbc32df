// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mbox_file.hxx"

#include "base/error.hxx"
#include "programs/deliver/mailbox_path.hxx"

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace deliver {

namespace {

constexpr int kOpenFlags = O_RDWR | O_APPEND | O_NONBLOCK | O_NOCTTY;

// As Debian's policy (section 11.6) has it for /var/mail: other mail programs come in by their group.
mode_t ModeForNewFile(FdRef directory) {
  struct stat status;
  if (::fstat(directory.Get(), &status) < 0) ThrowErrno("Failed to look at the mailbox's directory");
  return (status.st_mode & S_ISGID) && FindGroup("mail") == status.st_gid ? 0660 : 0600;
}

}  // namespace

std::optional<MboxFile> MboxFile::Find(const FileAt& file) {
  MboxFile result;
  result.fd = TryOpenUnseen(file, kOpenFlags);
  if (!result.fd && errno == ENOENT) return std::nullopt;
  if (!result.fd) ThrowErrno("Failed to open mailbox", file.name);
  if (::fstat(result.fd.Get(), &result.status) < 0) ThrowErrno("Failed to look at mailbox", file.name);
  return result;
}

MboxFile MboxFile::Open(const FileAt& file, const User& user) {
  if (auto found = Find(file)) return std::move(*found);
  RefuseForbiddenName(file.directory, file.name, user);
  MboxFile result;
  result.fd = TryOpenBeneath(file, kOpenFlags | O_CREAT | O_EXCL, ModeForNewFile(file.directory));
  result.created = static_cast<bool>(result.fd);
  if (!result.fd && errno == EEXIST) result.fd = TryOpenUnseen(file, kOpenFlags);
  if (!result.fd) ThrowErrno("Failed to open mailbox", file.name);
  if (::fstat(result.fd.Get(), &result.status) < 0) ThrowErrno("Failed to look at mailbox", file.name);
  return result;
}

std::optional<std::string> MboxFile::FindFault(const User& user) const {
  if (!S_ISREG(status.st_mode)) return "is not a regular file: move it out of the way";
  if (status.st_uid != user.uid)
    return "belongs to uid " + std::to_string(status.st_uid) + " instead of " + std::to_string(user.uid) +
           ": change its owner, or move it out of the way";
  if (status.st_nlink != 1) return "has more than one name (hard links): remove the others";
  if (status.st_mode & S_IWOTH) return "can be written by everybody: take that away with chmod o-w";
  if ((status.st_mode & S_IWGRP) && status.st_gid != user.gid && status.st_gid != FindGroup("mail"))
    return "can be written by group " + std::to_string(status.st_gid) + ": take that away with chmod g-w";
  return std::nullopt;
}

bool MboxFile::IsStillAt(const FileAt& file) const noexcept {
  struct stat there;
  return ::fstatat(file.directory.Get(), file.name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
         there.st_dev == status.st_dev && there.st_ino == status.st_ino;
}

}  // namespace deliver
