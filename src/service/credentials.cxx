// SPDX-License-Identifier: BSD-2-Clause
#include "service/credentials.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/wipe.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace service {

namespace {

constexpr std::size_t kMaxCredential = 64 * 1024;

// Null where there is no credential of that name.
const char* FindDirectory(std::string_view name) {
  return name.empty() || name.find('/') != name.npos ? nullptr : std::getenv("CREDENTIALS_DIRECTORY");
}

}  // namespace

std::optional<std::string> FindCredential(std::string_view name) {
  const char* const path = FindDirectory(name);
  if (!path) return std::nullopt;
  const UniqueFd directory = OpenDirectory(path);
  const UniqueFd file = TryOpenBeneath({directory, std::string(name)}, O_RDONLY);
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) ThrowErrno("Failed to open credential", name);
  auto text = ReadAll(file, kMaxCredential);
  std::optional<std::string> found(std::move(text));
  Wipe(text);
  return found;
}

std::string FindCredentialFile(std::string_view name) {
  const char* const directory = FindDirectory(name);
  if (!directory) return {};
  auto path = directory + ("/" + std::string(name));
  return ::access(path.c_str(), R_OK) == 0 ? path : std::string();
}

}  // namespace service
