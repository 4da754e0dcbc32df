// SPDX-License-Identifier: BSD-2-Clause
#include "spool/directory_listing.hxx"

#include "base/error.hxx"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <memory>
#include <string_view>

namespace spool {

std::vector<std::string> ListDirectory(FdRef directory) {
  UniqueFd own(::openat(directory.Get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // an offset of our own
  if (!own) ThrowErrno("Failed to open a directory again");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own.Get()), ::closedir);
  if (!stream) ThrowErrno("Failed to list a directory");
  [[maybe_unused]] const int owned_by_stream = own.Release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno) ThrowErrno("Failed to list a directory");
  std::ranges::sort(names);
  return names;
}

}  // namespace spool
