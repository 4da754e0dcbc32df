// SPDX-License-Identifier: BSD-2-Clause
#include "service/credentials.hxx"

#include "base/error.hxx"
#include "base/file.hxx"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>

namespace service {

namespace {

constexpr std::size_t kMaxCredential = 64 * 1024;

}  // namespace

std::optional<std::string> FindCredential(std::string_view name) {
  const char* path = std::getenv("CREDENTIALS_DIRECTORY");
  if (!path || name.empty() || name.find('/') != name.npos) return std::nullopt;
  const UniqueFd directory = OpenDirectory(path);
  const UniqueFd file = TryOpenBeneath({directory, std::string(name)}, O_RDONLY);
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) ThrowErrno("Failed to open credential", name);
  return ReadAll(file, kMaxCredential);
}

}  // namespace service
