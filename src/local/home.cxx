// SPDX-License-Identifier: BSD-2-Clause
#include "local/home.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "base/path_walk.hxx"
#include "base/text.hxx"
#include "courier/protocol.hxx"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace local {

namespace {

// systemd-homed(8) has uids of its own (https://systemd.io/UIDS-GIDS).
constexpr uid_t kFirstHomed = 60001;
constexpr uid_t kLastHomed = 60513;

constexpr std::size_t kMaxMounts = 16 * 1024 * 1024;  // octets of mountinfo

// proc(5): blanks and backslashes of a mount point stand as \OOO.
std::string DecodeOctal(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 3 >= text.size()) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return decoded;
}

// "36 35 98:0 / /home rw,noatime master:1 - autofs systemd-1 rw"
bool IsAutofsOver(std::string_view line, std::string_view home) {
  const auto words = SplitList(line, " ");
  const auto dash = line.find(" - ");
  if (words.size() < 5 || dash == line.npos || !line.substr(dash + 3).starts_with("autofs ")) return false;
  const std::string point = DecodeOctal(words[4]);
  return home == point || home.starts_with(point.ends_with('/') ? point : point + "/");
}

bool IsBelowAutofs(std::string_view home, const char* file) {
  const UniqueFd fd(::open(file, O_RDONLY | O_CLOEXEC));
  if (!fd) ThrowErrno("Failed to open", file);
  const std::string text = ReadAll(fd, kMaxMounts);
  std::string_view mounts = text;
  while (!mounts.empty()) {
    const auto end = std::min(mounts.find('\n'), mounts.size());
    if (IsAutofsOver(mounts.substr(0, end), home)) return true;
    mounts.remove_prefix(std::min(end + 1, mounts.size()));
  }
  return false;
}

bool IsHomed(const User& user) noexcept {
  return user.uid >= kFirstHomed && user.uid <= kLastHomed;
}

// A directory that waits for a home to be mounted over it; not one like /var/empty, which accounts without a
// home share. What systemd-homed leaves behind is shut, too.
bool IsMountPointOnly(const std::string& home, const struct stat& status, const User& user) {
  if (status.st_uid == user.uid) return false;
  if (IsHomed(user)) return true;
  if (!home.ends_with("/" + user.name)) return false;
  if (::access(home.c_str(), X_OK) < 0) return true;
  std::error_code error;  // one that they may enter and not list may have something in it
  return std::filesystem::is_empty(home, error) && !error;
}

}  // namespace

bool HasUsableHome(const User& user, struct stat& status) noexcept {
  const std::string home(HomeOf(user));
  if (home.empty() || ::stat(home.c_str(), &status) < 0 || !S_ISDIR(status.st_mode)) return false;
  return status.st_uid == user.uid || ::access(home.c_str(), X_OK) == 0;
}

std::optional<mail::DeliveryResult> FindAbsence(const User& user, const char* mounts) {
  const std::string home(HomeOf(user));
  struct stat status;
  if (home.empty() && IsHomed(user))  // "/", as long as its owner has not logged in
    return mail::Deferred("4.2.0", "the home directory of " + Quote(user.name) +
                                       " is locked: systemd-homed has not activated it");
  if (!IsPerson(user.uid) || home.empty()) return std::nullopt;
  if (::stat(home.c_str(), &status) == 0) {
    if (!S_ISDIR(status.st_mode))
      return mail::Deferred("4.3.5", "the home directory " + Quote(home) + " is not a directory");
    if (!IsMountPointOnly(home, status, user)) return std::nullopt;
    return mail::Deferred("4.2.0", "the home directory " + Quote(home) +
                                       " is not the user's, and empty or shut: nothing is mounted there now");
  }
  const int code = errno;
  if (code != ENOENT && code != ENOTDIR)
    return mail::Deferred("4.2.0",
                          "the home directory " + Quote(home) + ": " + std::generic_category().message(code));
  if (IsBelowAutofs(home, mounts))
    return mail::Deferred("4.2.0", "the home directory " + Quote(home) + " can't be mounted now");
  return mail::Deferred(std::string(courier::kAwaitsHome),
                        "the home directory " + Quote(home) + " does not exist now");
}

}  // namespace local
