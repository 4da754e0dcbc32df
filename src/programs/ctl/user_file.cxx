// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/user_file.hxx"

#include "base/error.hxx"
#include "programs/ctl/setup.hxx"

#include <sys/stat.h>
#include <sysexits.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace ctl {

namespace {

struct Free {
  void operator()(char* text) const noexcept { std::free(text); }
};

UserFile Split(const std::string& path, mode_t mode) {
  const auto slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1), mode};
}

}  // namespace

UserFile FindUserFile(const std::string& path) {
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  struct stat status;
  if (real) {
    if (::stat(real.get(), &status) < 0) ThrowErrno("Failed to look at", path);
    return Split(real.get(), status.st_mode & 0777);
  }
  if (errno != ENOENT) ThrowErrno("Failed to follow", path);
  if (::lstat(path.c_str(), &status) == 0)
    throw SetupError(EX_CANTCREAT, path + " is a symbolic link that leads nowhere: mend or remove it");
  return Split(path, UserFile{}.mode);
}

}  // namespace ctl
