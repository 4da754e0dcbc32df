// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/user.hxx"
#include "local/permissions.hxx"
#include "programs/command/outcome.hxx"

namespace command {

/// The unit's main process: answers the request where nothing is to be run, else becomes the command and does
/// not return. What goes wrong is an answer, too.
/// @param runner a descriptor over 2
/// Throws std::system_error if the runner can't be answered, std::runtime_error if there is no request.
void RunCommand(FdRef runner, const User& user, local::Permissions& permissions);

/// The unit's last process: answers the request that the command has left, if there is one.
/// Throws as RunCommand.
void ReportEnding(FdRef runner, const Ending& ending);

}  // namespace command
