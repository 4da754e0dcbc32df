// SPDX-License-Identifier: BSD-2-Clause
#include "route/include_file.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/path_walk.hxx"
#include "base/text.hxx"
#include "paths.h"

#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <variant>

namespace route {

namespace {

// Who alone can have put the file there; on the way to it nobody else may change anything.
std::string FindOwner(const std::string& path, const struct stat& status) {
  if (status.st_uid == 0) return {};
  const auto owner = ::FindUser(status.st_uid);
  if (!owner || FindDistrust(status, *owner)) return {};
  const auto opened = PathWalk(*owner, PathWalk::Bounds::Everywhere).OpenFile(path);
  const auto* const file = std::get_if<UniqueFd>(&opened);
  struct stat again;
  const bool is_same = file && ::fstat(file->Get(), &again) == 0 && again.st_dev == status.st_dev &&
                       again.st_ino == status.st_ino;
  return is_same ? owner->name : std::string();
}

}  // namespace

IncludeFile IncludeFile::Load(const std::string& path) {
  const ::User self{{}, ::geteuid(), ::getegid(), "/"};
  PathWalk walk(self, PathWalk::Bounds::Roots);
  const auto opened = walk.OpenFile(path);
  if (const auto* const fault = std::get_if<PathFault>(&opened))
    throw std::runtime_error("Failed to open " + Quote(path) + ": " + fault->text);
  const auto fail = [&path](const char* why) { throw std::runtime_error(Quote(path) + " " + why); };
  if (walk.IsBelow(MAILQUEUE_SPOOLDIR)) fail("is in the spool");
  const auto& file = std::get<UniqueFd>(opened);
  struct stat status;
  if (::fstat(file.Get(), &status) < 0) ThrowErrno("Failed to look at", path);
  if (status.st_mode & S_IWOTH) fail("can be written by everybody: chmod o-w");
  if (static_cast<std::uint64_t>(status.st_size) > kMaxSize) fail("is larger than 1 MiB");
  const bool trusted = status.st_uid == 0 && !(status.st_mode & S_IWGRP);
  return {mail::ParseDestinations(ReadAll(file, kMaxSize)), trusted, FindOwner(path, status)};
}

}  // namespace route
