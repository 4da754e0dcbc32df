// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "courier/protocol.hxx"

#include <string>
#include <vector>

namespace command {

/// The whole environment of a command, "NAME=VALUE": HOME, USER, LOGNAME, SHELL (/bin/sh where the
/// user database has none), PATH, LANG; SENDER, RECIPIENT
/// ("user@host", or the alias's address), ORIGINAL_RECIPIENT (as submitted), EXTENSION and DOMAIN (the host's
/// mail name). What an address has of control characters is "_" here, as in the message's head.
[[nodiscard]] std::vector<std::string> MakeEnvironment(const courier::Request& request, const User& user);

}  // namespace command
