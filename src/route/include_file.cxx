// SPDX-License-Identifier: BSD-2-Clause
#include "route/include_file.hxx"

#include "base/error.hxx"
#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/text.hxx"

#include <fcntl.h>
#include <sys/stat.h>

#include <stdexcept>

namespace route {

IncludeFile IncludeFile::Load(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!file) ThrowErrno("Failed to open", path);
  struct stat status;
  if (::fstat(file.Get(), &status) < 0) ThrowErrno("Failed to look at", path);
  const auto fail = [&path](const char* why) { throw std::runtime_error(Quote(path) + " " + why); };
  if (!S_ISREG(status.st_mode)) fail("is not a regular file");
  if (status.st_mode & S_IWOTH) fail("can be written by everybody: chmod o-w");
  if (static_cast<std::uint64_t>(status.st_size) > kMaxSize) fail("is larger than 1 MiB");
  const bool trusted = status.st_uid == 0 && !(status.st_mode & S_IWGRP);
  return {mail::ParseDestinations(ReadAll(file, kMaxSize)), trusted};
}

}  // namespace route
