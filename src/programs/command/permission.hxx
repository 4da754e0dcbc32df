// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "config/settings.hxx"
#include "courier/protocol.hxx"
#include "mail/delivery_result.hxx"

#include <optional>

namespace command {

/// Whether this user's unit may run what the request names: a runner that was broken into must not run what
/// it likes as anybody. The command stands in the user's forward files, as local::FindForward reads them; or
/// it is that of [Local] Mailbox=; or the user is that of [Local] AliasUser=, for the commands of aliases.
/// root runs none but that of Mailbox=.
/// @return a DeliveryResult (Deferred) that says why not; empty: it may
/// Throws std::system_error.
[[nodiscard]] std::optional<mail::DeliveryResult> FindObjection(const courier::Request& request,
                                                                const User& user,
                                                                const config::Settings::Local& settings);

}  // namespace command
