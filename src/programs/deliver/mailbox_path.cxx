// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mailbox_path.hxx"

#include "base/error.hxx"
#include "base/text.hxx"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace deliver {

namespace {

bool IsComponent(std::string_view name) noexcept {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos;
}

// Empty if a percent sign is followed by anything but "u" or "%".
std::optional<std::string> Expand(std::string_view text, const User& user) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      path += text[i];
      continue;
    }
    const char letter = ++i < text.size() ? text[i] : '\0';
    if (letter != 'u' && letter != '%') return std::nullopt;
    path += letter == 'u' ? std::string_view(user.name) : "%";
  }
  return path;
}

void MakeDirectory(FdRef parent, const std::string& name, const User& user) {
  RefuseForbiddenName(parent, name, user);
  bool made = false;
  static_cast<void>(OpenOrMakeDirectory({parent, name}, made));
  if (made) Sync(OpenBeneath({parent, "."}, O_RDONLY | O_DIRECTORY));
}

UniqueFd MakeWay(UniqueFd directory, const std::string& path, const User& user) {
  for (const auto& name : SplitList(path, "/")) {
    UniqueFd next = TryOpenBeneath({directory, name}, O_RDONLY | O_DIRECTORY);
    if (!next && errno == ENOENT) {
      MakeDirectory(directory, name, user);
      next = OpenBeneath({directory, name}, O_RDONLY | O_DIRECTORY);
    }
    if (!next) ThrowErrno("Failed to open", name);
    directory = std::move(next);
  }
  return directory;
}

bool IsLink(const FileAt& file) noexcept {
  struct stat status;
  return ::fstatat(file.directory.Get(), file.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISLNK(status.st_mode);
}

// Whether a path below the home leaves it with "..".
bool LeadsOut(std::string_view path) {
  int depth = 0;
  for (const auto& name : SplitList(path, "/")) {
    if (name != ".") depth += name == ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

// Cuts the last component off.
std::string TakeName(std::string& path) {
  const auto slash = path.rfind('/');
  std::string name = path.substr(slash + 1);  // npos + 1 is 0
  path.resize(slash == path.npos ? 0 : slash);
  return name;
}

bool IsForbiddenName(FdRef directory, const std::string& name, const User& user) {
  struct stat status;
  if (::fstat(directory.Get(), &status) < 0) ThrowErrno("Failed to look at the mailbox's directory");
  const bool is_users = status.st_uid == user.uid || (status.st_mode & S_IWOTH);
  return !is_users && (status.st_mode & S_IWGRP) && status.st_gid == FindGroup("mail") && name != user.name;
}

}  // namespace

std::optional<MailboxPath> MailboxPath::Parse(std::string_view destination, const User& user,
                                              std::string& error) {
  const auto fail = [&error](std::string why) {
    error = std::move(why);
    return std::nullopt;
  };
  if (!IsComponent(user.name))
    return fail("the user's name, " + Quote(user.name) + ", can't be part of a path");
  const auto home = HomeOf(user);
  const bool tilde = destination.starts_with("~/");
  if (!tilde && !destination.starts_with('/')) return fail("not a path that begins with / or ~/");
  if (tilde && home.empty()) return fail("user " + user.name + " has no home directory");
  auto path = Expand(tilde ? destination.substr(2) : destination, user);
  if (!path) return fail("only %u and %% have a meaning after a percent sign");
  MailboxPath result;
  const auto below = tilde ? std::string_view(*path) : BelowHome(*path, user);
  result.in_home = tilde || !below.empty();
  result.directory = result.in_home ? std::string(below) : *path;
  if (result.in_home && LeadsOut(result.directory)) return fail("the path leads out of the home directory");
  result.name = TakeName(result.directory);
  if (!IsComponent(result.name)) return fail("the path does not name a file");
  result.root = result.in_home ? std::string(home) : result.directory + "/";
  if (!result.in_home) result.directory.clear();
  return result;
}

std::string MailboxPath::ToString() const {
  std::string path = root;
  if (!path.ends_with('/')) path += '/';
  if (!directory.empty()) path += directory + "/";
  return path + name;
}

// Directories of the home may be of a kind that a link must not lead through: open to everybody.
PathWalk::Place MailboxPath::Find(const User& user, bool make) const {
  if (in_home) try {
      UniqueFd top = OpenDirectory(root);
      auto parent = directory.empty() ? std::move(top)
                    : make            ? MakeWay(std::move(top), directory, user)
                                      : OpenBeneath({top, directory}, O_RDONLY | O_DIRECTORY);
      if (!IsLink({parent, name})) return PathWalk::Named{std::move(parent), name};
    } catch (const std::system_error& error) {
      // Where a link is taken for a directory, either of them is the error.
      if (!IsErrno(error, ELOOP) && !IsErrno(error, ENOTDIR)) throw;
    }
  const auto make_in = [&user](FdRef parent, const std::string& missing) {
    MakeDirectory(parent, missing, user);
  };
  return PathWalk(user, PathWalk::Bounds::Everywhere, rights)
      .FindPlace(ToString(), make && in_home ? PathWalk::Make(make_in) : PathWalk::Make());
}

void RefuseForbiddenName(FdRef directory, const std::string& name, const User& user) {
  if (IsForbiddenName(directory, name, user))
    throw MakeErrno(EACCES, "Only the user's own mailbox may be made there, not", name);
}

UniqueFd OpenOrMakeDirectory(const FileAt& directory, bool& made) {
  UniqueFd fd = TryOpenBeneath(directory, O_RDONLY | O_DIRECTORY);
  if (fd || errno != ENOENT) return fd ? std::move(fd) : OpenBeneath(directory, O_RDONLY | O_DIRECTORY);
  if (::mkdirat(directory.directory.Get(), directory.name.c_str(), 0700) == 0)
    made = true;
  else if (errno != EEXIST)
    ThrowErrno("Failed to make directory", directory.name);
  return OpenBeneath(directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace deliver
