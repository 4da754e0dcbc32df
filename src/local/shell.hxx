// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"

#include <string>

namespace local {

/// The user's login shell; /bin/sh where the user database has none (passwd(5)).
[[nodiscard]] std::string ShellOf(const User& user);

/// Whether shells(5) has that shell. A user whose shell is not there, such as nologin(8), may not log in, and
/// so must not run commands by way of mail.
/// @param file the list. Throws std::system_error if it can't be read.
[[nodiscard]] bool HasListedShell(const User& user, const char* file = "/etc/shells");

}  // namespace local
