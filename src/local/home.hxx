// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "local/mount_tables.hxx"
#include "mail/delivery_result.hxx"

#include <sys/stat.h>

#include <optional>

namespace local {

/// What a delivery that needs the user's home directory has to wait for: empty if the home is there, or if
/// nothing promises that it will be. A user without a home has no forward file, and their mail goes on.
///
/// Promised is a home of systemd-homed(8), one on whose path something is to be mounted and is not
/// (FindProspect), and one whose file system is there and does not answer. A home that is to appear as a
/// directory is courier::kAwaitsHome. Below an autofs(5) mount it is not, since nothing but an attempt to
/// enter it makes it appear there, and systemd must not be made to attempt that: then the next attempt will
/// do. Nor is an empty directory of their name but somebody else's, which a home is to be mounted over, or
/// the "/" that a locked user of systemd-homed(8) has for a home: no path unit sees them change. System users
/// need no home. Throws std::system_error if it can't be read what is mounted.
[[nodiscard]] std::optional<mail::DeliveryResult> FindAbsence(const User& user,
                                                              const MountTables& tables = {});

/// A directory that is another's and shut to the user is no place for their files: many system users have
/// one.
/// @param status of the home, where there is one
[[nodiscard]] bool HasUsableHome(const User& user, struct stat& status) noexcept;

}  // namespace local
