// SPDX-License-Identifier: BSD-2-Clause
#include "local/shell.hxx"

#include "base/error.hxx"
#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/text.hxx"

#include <fcntl.h>

#include <cerrno>
#include <string_view>

namespace local {

namespace {

constexpr std::size_t kMaxShells = 1024 * 1024;                   // octets of the file
constexpr std::string_view kUsualShells = "/bin/sh\n/bin/csh\n";  // where there is no file, getusershell(3)

std::string ReadShells(const char* file) {
  const UniqueFd fd(::open(file, O_RDONLY | O_CLOEXEC));
  if (fd) return ReadAll(fd, kMaxShells);
  if (errno != ENOENT) ThrowErrno("Failed to open", file);
  return std::string(kUsualShells);
}

}  // namespace

std::string ShellOf(const User& user) {
  return user.shell.empty() ? "/bin/sh" : user.shell;
}

bool HasListedShell(const User& user, const char* file) {
  const auto shell = ShellOf(user);
  for (const auto& line : SplitList(ReadShells(file), "\n"))
    if (Trim(std::string_view(line).substr(0, line.find('#'))) == shell) return true;
  return false;
}

}  // namespace local
