// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "courier/protocol.hxx"
#include "route/end.hxx"

namespace queue {

/// Where an end that asks for the submitter's relays goes.
/// @param relays what their agent says. It runs as they do, so it is checked: what users may not
/// have is left out, and what is not understood defers the mail.
[[nodiscard]] route::Where ApplyUserRelays(const courier::OwnRelays& relays, const route::End& end,
                                           const config::Settings& settings);

}  // namespace queue
