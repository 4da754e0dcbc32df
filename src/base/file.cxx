// SPDX-License-Identifier: BSD-2-Clause
#include "base/file.hxx"

#include "base/error.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace {

UniqueFd Refuse(int code) noexcept {
  errno = code;
  return {};
}

UniqueFd TryOpenComponent(FdRef directory, const std::string& name, int flags, mode_t mode) noexcept {
  if (name == "..") return Refuse(EXDEV);
  return TryOpen(RealDisk(), {directory, name}, flags, mode);
}

UniqueFd TryOpenParent(FdRef directory, const std::string& name) noexcept {
  UniqueFd parent = TryOpenComponent(directory, name, O_PATH | O_DIRECTORY, 0);
  char ignored;
  if (!parent && errno == ENOTDIR)
    return Refuse(::readlinkat(directory.Get(), name.c_str(), &ignored, 1) >= 0 ? ELOOP : ENOTDIR);
  return parent;
}

bool IsOpenTo(const std::string& path, mode_t others) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & others) == others;
}

}  // namespace

UniqueFd OpenDirectory(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) ThrowErrno("Failed to open directory", path);
  return fd;
}

// Not openat2(2): its flags are in memory, where a system call filter can't see them, so RestrictSUIDSGID=
// takes the whole call away.
UniqueFd TryOpenBeneath(const FileAt& file, int flags, mode_t mode) noexcept {
  const std::string& path = file.name;
  if (path.starts_with('/')) return Refuse(EXDEV);
  UniqueFd parent;
  std::size_t start = 0;
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', start)) {
    const FdRef directory = parent ? parent.Ref() : file.directory;
    parent = TryOpenParent(directory, path.substr(start, slash - start));
    if (!parent) return {};
    start = slash + 1;
  }
  return TryOpenComponent(parent ? parent.Ref() : file.directory, path.substr(start), flags, mode);
}

UniqueFd TryOpenUnseen(const FileAt& file, int flags) noexcept {
  UniqueFd fd = TryOpenBeneath(file, flags | O_NOATIME);
  return fd || errno != EPERM ? std::move(fd) : TryOpenBeneath(file, flags);
}

UniqueFd OpenBeneath(const FileAt& file, int flags, mode_t mode) {
  UniqueFd fd = TryOpenBeneath(file, flags, mode);
  if (!fd) ThrowErrno("Failed to open", file.name);
  return fd;
}

bool IsReadableByAll(const std::string& file) {
  if (!file.starts_with('/') || !IsOpenTo(file, S_IROTH)) return false;
  for (auto slash = file.find('/', 1); slash != file.npos; slash = file.find('/', slash + 1))
    if (!IsOpenTo(file.substr(0, slash), S_IXOTH)) return false;
  return true;
}
