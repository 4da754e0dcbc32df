// SPDX-License-Identifier: BSD-2-Clause
#include "spool/directory_reader.hxx"

#include "base/error.hxx"

#include <fcntl.h>

#include <cerrno>
#include <string_view>

namespace spool {

DirectoryReader::DirectoryReader(FdRef directory) {
  UniqueFd own(::openat(directory.Get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // an offset of our own
  if (!own) ThrowErrno("Failed to open a directory again");
  stream_.reset(::fdopendir(own.Get()));
  if (!stream_) ThrowErrno("Failed to list a directory");
  [[maybe_unused]] const int owned_by_stream = own.Release();
}

std::optional<std::string> DirectoryReader::Next() {
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(stream_.get());
    if (!entry && errno == EINTR) continue;
    if (!entry && errno) ThrowErrno("Failed to list a directory");
    if (!entry) return std::nullopt;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") return std::string(name);
  }
}

}  // namespace spool
