// SPDX-License-Identifier: BSD-2-Clause
#include "base/path_walk.hxx"

#include "base/error.hxx"
#include "base/own_rights.hxx"
#include "base/text.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits.h>
#include <utility>

namespace {

PathFault Fault(std::string text, int code = 0) {
  return {.code = code, .text = std::move(text)};
}

PathFault ErrnoFault(const std::string& name) {
  const int code = errno;
  return {.code = code, .text = Quote(name) + ": " + std::generic_category().message(code)};
}

// The fault as the kernel would report it to the user.
PathFault NoPermission(const std::string& name) {
  errno = EACCES;
  return ErrnoFault(name);
}

bool IsOwn(uid_t uid, const User& user) noexcept {
  return uid == 0 || uid == user.uid;
}

std::string WrongOwner(uid_t uid, const User& user) {
  return "belongs to uid " + std::to_string(uid) + " instead of root or " + user.name;
}

// A group like those that useradd(8) makes: for its one user.
bool IsOwnGroup(gid_t gid, const User& user) {
  return gid == user.gid && FindGroup(user.name) == gid;
}

// Opens what an O_PATH descriptor stands for, whatever its name means by now, and leaves no trace of reading
// it: TryOpenUnseen.
UniqueFd Reopen(FdRef path, int flags) noexcept {
  const std::string name = "/proc/self/fd/" + std::to_string(path.Get());
  UniqueFd fd(::open(name.c_str(), flags | O_CLOEXEC | O_NOATIME));
  return fd || errno != EPERM ? std::move(fd) : UniqueFd(::open(name.c_str(), flags | O_CLOEXEC));
}

bool IsLink(FdRef directory, const std::string& name) noexcept {
  struct stat status;
  return ::fstatat(directory.Get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISLNK(status.st_mode);
}

bool IsMissing(FdRef directory, const std::string& name) noexcept {
  return ::faccessat(directory.Get(), name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

}  // namespace

std::optional<std::string> FindDistrust(const struct stat& status, const User& user) {
  if (!IsOwn(status.st_uid, user)) return WrongOwner(status.st_uid, user) + ": change its owner";
  if (status.st_mode & S_IWOTH) return "can be written by everybody: take that away with chmod o-w";
  if ((status.st_mode & S_IWGRP) && status.st_gid != 0 && !IsOwnGroup(status.st_gid, user))
    return "can be written by group " + std::to_string(status.st_gid) + ": take that away with chmod g-w";
  return std::nullopt;
}

std::string_view HomeOf(const User& user) noexcept {
  std::string_view home = user.home;
  while (home.ends_with('/')) home.remove_suffix(1);
  return home.starts_with('/') ? home : std::string_view();
}

std::string_view BelowHome(std::string_view path, const User& user) noexcept {
  const auto home = HomeOf(user);
  if (home.empty() || !path.starts_with(home)) return {};
  const auto rest = path.substr(home.size());
  return rest.starts_with('/') ? rest.substr(1) : std::string_view();
}

PathWalk::PathWalk(const User& user, Bounds bounds, Rights rights)
    : user_(user), bounds_(bounds), rights_(rights) {
  const std::string beginning(bounds == Bounds::Home ? HomeOf(user) : "/");
  // A home that may be searched but not listed is enough.
  way_.emplace_back(::open(beginning.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!way_.back()) ThrowErrno("Failed to open directory", beginning);
}

PathWalk::Opened PathWalk::OpenDirectory(const std::string& path) {
  if (auto fault = Walk(path)) return std::move(*fault);
  if (end_) return Fault(Quote(path) + " is not a directory", ENOTDIR);
  UniqueFd fd = Reopen(way_.back(), O_RDONLY | O_DIRECTORY);
  if (!fd) return ErrnoFault(path);
  return fd;
}

PathWalk::Opened PathWalk::OpenFile(const std::string& path) {
  if (auto fault = Walk(path)) return std::move(*fault);
  struct stat status;
  if (!end_ || ::fstat(end_.Get(), &status) < 0 || !S_ISREG(status.st_mode))
    return Fault(Quote(path) + " is not a regular file");
  if (!own_rights::Suffice(end_, status, user_.uid, own_rights::kRead)) return NoPermission(path);
  UniqueFd fd = Reopen(end_, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return ErrnoFault(path);
  return fd;
}

PathWalk::Place PathWalk::FindPlace(const std::string& path, const Make& make) {
  Begin(path);
  while (!rest_.empty()) {
    const std::string name = TakeName();
    const FdRef directory = way_.back();
    if (rest_.empty() && name != ".." && !IsLink(directory, name)) {
      UniqueFd fd = Reopen(directory, O_RDONLY | O_DIRECTORY);
      if (!fd) return ErrnoFault(path);
      return Named{std::move(fd), name};
    }
    if (make && !in_link_ && name != ".." && IsMissing(directory, name)) make(directory, name);
    if (auto fault = Step(name)) return std::move(*fault);
    if (end_) return Fault(Quote(path) + ": " + std::generic_category().message(ENOTDIR), ENOTDIR);
  }
  return Fault(Quote(path) + " names nothing in a directory");
}

bool PathWalk::IsBelow(const std::string& directory) const noexcept {
  struct stat wanted;
  if (::stat(directory.c_str(), &wanted) < 0) return false;
  return std::ranges::any_of(way_, [&wanted](const UniqueFd& passed) {
    struct stat status;
    return ::fstat(passed.Get(), &status) == 0 && status.st_dev == wanted.st_dev &&
           status.st_ino == wanted.st_ino;
  });
}

std::string PathWalk::TakeName() {
  std::string name = std::move(rest_.front());
  rest_.pop_front();
  in_link_ = rest_.size() >= own_;
  own_ = std::min(own_, rest_.size());
  return name;
}

void PathWalk::Begin(const std::string& path) {
  way_.resize(1);
  rest_.clear();
  end_.Close();
  links_ = 0;
  Prepend(path);
  own_ = rest_.size();
  in_link_ = false;
}

std::optional<PathFault> PathWalk::Walk(const std::string& path) {
  Begin(path);
  auto fault = WalkOn(path);
  if (fault) fault->in_link = in_link_;
  return fault;
}

std::optional<PathFault> PathWalk::WalkOn(const std::string& path) {
  while (!rest_.empty()) {
    if (end_) return Fault(Quote(path) + ": " + std::generic_category().message(ENOTDIR), ENOTDIR);
    if (auto fault = Step(TakeName())) return fault;
  }
  return std::nullopt;
}

std::optional<PathFault> PathWalk::Step(const std::string& name) {
  if (name == "..") {
    if (way_.size() > 1)
      way_.pop_back();
    else if (bounds_ == Bounds::Home)
      return Fault("\"..\" leads out of the home directory");
    return std::nullopt;
  }
  UniqueFd fd(::openat(way_.back().Get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status;
  if (!fd || ::fstat(fd.Get(), &status) < 0) return ErrnoFault(name);
  if (S_ISLNK(status.st_mode)) return Follow(fd, status, name);
  if (S_ISDIR(status.st_mode)) return Enter(std::move(fd), status, name);
  end_ = std::move(fd);
  return std::nullopt;
}

std::optional<PathFault> PathWalk::Follow(FdRef link, const struct stat& status, const std::string& name) {
  if (bounds_ == Bounds::Roots && status.st_uid != 0)
    return Fault("Symbolic link " + Quote(name) + " belongs to uid " + std::to_string(status.st_uid) +
                 " instead of root");
  if (!IsOwn(status.st_uid, user_))
    return Fault("Symbolic link " + Quote(name) + " " + WrongOwner(status.st_uid, user_));
  if (status.st_uid != 0) rights_ = Rights::Own;
  if (++links_ > kMaxLinks) return Fault(Quote(name) + ": too many symbolic links", ELOOP);
  std::array<char, PATH_MAX> buffer;
  const ssize_t n = ::readlinkat(link.Get(), "", buffer.data(), buffer.size());
  if (n < 0) return ErrnoFault(name);
  const std::string_view target(buffer.data(), static_cast<std::size_t>(n));
  if (!target.starts_with('/')) {
    Prepend(target);
    return std::nullopt;
  }
  const bool in_home = target == HomeOf(user_) || !BelowHome(target, user_).empty();
  if (bounds_ == Bounds::Home && !in_home)
    return Fault("Symbolic link " + Quote(name) + " leads out of the home directory");
  way_.resize(1);
  Prepend(bounds_ == Bounds::Home ? BelowHome(target, user_) : target);
  return std::nullopt;
}

std::optional<PathFault> PathWalk::Enter(UniqueFd directory, const struct stat& status,
                                         const std::string& name) {
  if (rights_ == Rights::Own && !own_rights::Suffice(directory, status, user_.uid, own_rights::kSearch))
    return NoPermission(name);
  const bool is_anybodys = bounds_ == Bounds::Roots;
  if (!is_anybodys && !IsOwn(status.st_uid, user_))
    return Fault("Directory " + Quote(name) + " " + WrongOwner(status.st_uid, user_));
  if (!is_anybodys && (status.st_mode & S_IWOTH) && !(status.st_mode & S_ISVTX))
    return Fault("Directory " + Quote(name) + " can be written by everybody: take that away with chmod o-w");
  way_.push_back(std::move(directory));
  return std::nullopt;
}

// In front of what is still to go; empty names and "." are left out.
void PathWalk::Prepend(std::string_view path) {
  std::deque<std::string> names;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const auto name = path.substr(0, end);
    if (!name.empty() && name != ".") names.emplace_back(name);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  rest_.insert(rest_.begin(), std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
}
