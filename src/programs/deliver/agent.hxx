// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/user.hxx"
#include "courier/packet.hxx"
#include "courier/protocol.hxx"
#include "local/permissions.hxx"
#include "programs/deliver/choice_sealer.hxx"

namespace deliver {

/// Serves a runner until it closes its end of the socket: one request after the other, each to its end. What
/// is waiting in the socket when the runner goes is left undone, since nobody would learn of it.
/// Throws std::system_error, and std::runtime_error for a request that can't be answered because it can't be
/// read.
void Serve(FdRef runner, const User& user, local::Permissions& permissions, const ChoiceSealer& sealer);

/// Delivers for one request, and never throws: what goes wrong is deferred.
/// @param request does not ask for relays
[[nodiscard]] courier::Answer Handle(const courier::Request& request, FdRef message, const User& user,
                                     local::Permissions& permissions);

}  // namespace deliver
