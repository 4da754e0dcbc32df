// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "mail/delivery_result.hxx"

#include <sys/stat.h>

#include <optional>

namespace local {

/// What a delivery that needs the user's home directory has to wait for: empty if the home is there, or if
/// they are a system user, who need not have one.
///
/// A person's home that does not exist (a locked one of systemd-homed(8), a disk that is not mounted) is
/// courier::kAwaitsHome. Below an autofs(5) mount it is not, since nothing but an attempt to enter it makes
/// it appear there, and systemd must not be made to attempt that: then the next attempt will do. Nor is an
/// empty directory of their name but somebody else's, which a home is to be mounted over, or the "/" that a
/// locked user of systemd-homed(8) has for a home: no path unit sees them change.
/// @param mounts where the mounts are read from, proc(5). Throws std::system_error if they can't be.
[[nodiscard]] std::optional<mail::DeliveryResult> FindAbsence(const User& user,
                                                              const char* mounts = "/proc/self/mountinfo");

/// A directory that is another's and shut to the user is no place for their files: many system users have
/// one.
/// @param status of the home, where there is one
[[nodiscard]] bool HasUsableHome(const User& user, struct stat& status) noexcept;

}  // namespace local
