// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <sys/stat.h>
#include <sys/types.h>

/// The rights of a user in a process that runs as this user and has group mail besides. The kernel lets such
/// a process read what the user can't read, and the user who chose the path would learn what is there.
namespace own_rights {

/// Rights, as in the last three bits of a file's mode.
enum Wanted : unsigned { kSearch = 1, kRead = 4 };

/// Whether the user may do that with what is open without group mail, or has that group by themselves. Meant
/// for what the process was able to open: where neither mode nor access control list (acl(5)) gives group
/// mail anything, the kernel's word counts.
/// @param opened may be an O_PATH descriptor
/// @param status of it
/// Throws std::system_error if the user database or the list can't be asked.
[[nodiscard]] bool Suffice(FdRef opened, const struct stat& status, uid_t uid, Wanted wanted);

}  // namespace own_rights
