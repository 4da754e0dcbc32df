// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/maildir_directories.hxx"

#include "base/error.hxx"
#include "programs/deliver/mailbox_path.hxx"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace deliver {

namespace {

bool IsThere(const FileAt& file) noexcept {
  struct stat status;
  return ::fstatat(file.directory.Get(), file.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

}  // namespace

// Group mail may write to directories of others, so each is judged before anything is made in it.
std::variant<MaildirDirectories, std::string> MaildirDirectories::Open(const FileAt& maildir,
                                                                       const User& user) {
  if (!IsThere(maildir)) RefuseForbiddenName(maildir.directory, maildir.name, user);
  MaildirDirectories result;
  result.top = OpenOrMakeDirectory(maildir, result.made);
  if (auto fault = FindDirectoryFault(result.top, user)) return std::move(*fault);
  result.tmp = OpenOrMakeDirectory({result.top, "tmp"}, result.made);
  result.added = OpenOrMakeDirectory({result.top, "new"}, result.made);
  result.cur = OpenOrMakeDirectory({result.top, "cur"}, result.made);
  for (const FdRef directory : {result.tmp.Ref(), result.added.Ref(), result.cur.Ref()})
    if (auto fault = FindDirectoryFault(directory, user)) return std::move(*fault);
  return result;
}

std::optional<std::string> FindDirectoryFault(FdRef directory, const User& user) {
  struct stat status;
  if (::fstat(directory.Get(), &status) < 0) ThrowErrno("Failed to look at a Maildir");
  if (status.st_uid != user.uid)
    return "belongs to uid " + std::to_string(status.st_uid) + " instead of " + std::to_string(user.uid) +
           ": change its owner, or move it out of the way";
  if (status.st_mode & S_IWOTH) return "can be written by everybody: take that away with chmod o-w";
  if ((status.st_mode & S_IWGRP) && status.st_gid != user.gid && status.st_gid != FindGroup("mail"))
    return "can be written by group " + std::to_string(status.st_gid) + ": take that away with chmod g-w";
  return std::nullopt;
}

void MaildirDirectories::Sync(FdRef parent) const {
  for (const FdRef directory : {added.Ref(), top.Ref(), parent}) ::Sync(directory);
}

}  // namespace deliver
