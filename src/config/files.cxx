// SPDX-License-Identifier: BSD-2-Clause
#include "config/files.hxx"

#include "base/fd.hxx"
#include "base/file.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <memory>

namespace config {

namespace {

using Directory = std::unique_ptr<DIR, decltype([](DIR* directory) { ::closedir(directory); })>;

bool IsNullDevice(const struct stat& status) noexcept {
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

FileText Problem(const char* text) {
  return {{}, text};
}

bool IsDropIn(std::string_view name) noexcept {
  return !name.starts_with('.') && name.ends_with(".conf");
}

}  // namespace

FileText TryReadFile(const std::string& path) try {
  // Without O_NONBLOCK, opening a FIFO would block until somebody writes to it.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return errno == ENOENT ? FileText{} : Problem(std::strerror(errno));
  struct stat status;
  if (::fstat(fd.Get(), &status) < 0) return Problem(std::strerror(errno));
  if (IsNullDevice(status)) return {};
  if (!S_ISREG(status.st_mode)) return Problem("not a regular file");
  if (static_cast<std::size_t>(status.st_size) > kMaxFileSize) return Problem("larger than 1 MiB");
  return {ReadAll(fd, kMaxFileSize), {}};
} catch (const std::system_error& error) {
  return {{}, error.code().message()};
}

std::string DropInDirectory(const std::string& directory) {
  return directory + "/mailqueue.conf.d";
}

FileList ListFiles(const std::string& directory) {
  FileList files{{directory + "/mailqueue.conf"}, {}};
  const std::string path = DropInDirectory(directory);
  const Directory drop_ins(::opendir(path.c_str()));
  if (!drop_ins) {
    if (errno != ENOENT) files.problem = std::strerror(errno);
    return files;
  }
  while (const dirent* const entry = ::readdir(drop_ins.get()))
    if (IsDropIn(entry->d_name)) files.paths.push_back(path + "/" + entry->d_name);
  std::sort(files.paths.begin() + 1, files.paths.end());
  return files;
}

}  // namespace config
