// SPDX-License-Identifier: BSD-2-Clause
#include "local/home.hxx"

#include "base/path_walk.hxx"
#include "base/text.hxx"
#include "courier/protocol.hxx"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

namespace local {

namespace {

// systemd-homed(8) has uids of its own (https://systemd.io/UIDS-GIDS).
constexpr uid_t kFirstHomed = 60001;
constexpr uid_t kLastHomed = 60513;

bool IsHomed(const User& user) noexcept {
  return user.uid >= kFirstHomed && user.uid <= kLastHomed;
}

// A directory that waits for a home to be mounted over it; not one like /var/empty, which accounts without a
// home share. What systemd-homed leaves behind is shut, too.
bool IsMountPointOnly(const std::string& home, const struct stat& status, const User& user) {
  if (!S_ISDIR(status.st_mode) || status.st_uid == user.uid) return false;
  if (IsHomed(user)) return true;
  if (!home.ends_with("/" + user.name)) return false;
  if (::access(home.c_str(), X_OK) < 0) return true;
  std::error_code error;  // one that they may enter and not list may have something in it
  return std::filesystem::is_empty(home, error) && !error;
}

// The path leads nowhere, or nowhere where the user may go. Any other error is of a file system that is
// there.
bool IsNowhere(int code) noexcept {
  return code == ENOENT || code == ENOTDIR || code == EACCES || code == ELOOP || code == ENAMETOOLONG;
}

}  // namespace

bool HasUsableHome(const User& user, struct stat& status) noexcept {
  const std::string home(HomeOf(user));
  if (home.empty() || ::stat(home.c_str(), &status) < 0 || !S_ISDIR(status.st_mode)) return false;
  return status.st_uid == user.uid || ::access(home.c_str(), X_OK) == 0;
}

std::optional<mail::DeliveryResult> FindAbsence(const User& user, const MountTables& tables) {
  const std::string home(HomeOf(user));
  struct stat status;
  if (home.empty() && IsHomed(user))  // "/", as long as its owner has not logged in
    return mail::Deferred("4.2.0", "the home directory of " + Quote(user.name) +
                                       " is locked: systemd-homed has not activated it");
  if (!IsPerson(user.uid) || home.empty()) return std::nullopt;
  if (::stat(home.c_str(), &status) == 0) {
    if (!IsMountPointOnly(home, status, user)) return std::nullopt;
    return mail::Deferred("4.2.0", "the home directory " + Quote(home) +
                                       " is not the user's, and empty or shut: nothing is mounted there now");
  }
  const int code = errno;
  if (!IsNowhere(code))
    return mail::Deferred("4.2.0",
                          "the home directory " + Quote(home) + ": " + std::generic_category().message(code));
  const auto prospect = IsHomed(user) ? Prospect::Mount : FindProspect(home, tables);
  if (prospect == Prospect::None) return std::nullopt;
  if (prospect == Prospect::Autofs)
    return mail::Deferred("4.2.0", "the home directory " + Quote(home) + " can't be mounted now");
  return mail::Deferred(std::string(courier::kAwaitsHome),
                        "the home directory " + Quote(home) + " does not exist now");
}

}  // namespace local
