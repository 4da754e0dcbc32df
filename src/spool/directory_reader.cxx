// SPDX-License-Identifier: BSD-2-Clause
#include "spool/directory_reader.hxx"

#include "base/disk_file.hxx"
#include "base/error.hxx"

#include <fcntl.h>

#include <cerrno>
#include <string_view>

namespace spool {

DirectoryReader::DirectoryReader(Disk& disk, FdRef directory)
    : disk_(&disk),
      directory_(Open(disk, {directory, "."}, O_RDONLY | O_DIRECTORY)) {}  // an offset of our own

// Returns false at the end of the directory.
bool DirectoryReader::Fill() {
  for (;;) {
    const ssize_t n = disk_->GetDents(directory_, block_->records);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ThrowErrno("Failed to list a directory");
    block_->size = static_cast<std::size_t>(n);
    block_->at = 0;
    return n > 0;
  }
}

std::optional<std::string> DirectoryReader::Next() {
  for (;;) {
    if (block_->at == block_->size && !Fill()) return std::nullopt;
    const auto* const record = reinterpret_cast<const dirent64*>(block_->records.data() + block_->at);
    block_->at += record->d_reclen;
    const std::string_view name = record->d_name;
    if (name != "." && name != "..") return std::string(name);
  }
}

}  // namespace spool
