// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/user.hxx"
#include "courier/protocol.hxx"
#include "mail/delivery_result.hxx"
#include "programs/command/command_line.hxx"

namespace command {

/// Becomes the command: the message, with separator line and head in front, as descriptor 0, @p output as 1
/// and 2 (empty: nobody reads it) and no other; the home as working directory, "/" where there is none;
/// default signal dispositions, an empty mask, umask 077. Returns only if that fails, with the reason
/// (Deferred); what the process has open by then is as before but for descriptors 0 to 2. Throws
/// std::system_error if the message can't be made ready.
[[nodiscard]] mail::DeliveryResult Execute(const CommandLine& command, const courier::Request& request,
                                           FdRef message, FdRef output, const User& user);

}  // namespace command
