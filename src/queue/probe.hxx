// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "courier/protocol.hxx"
#include "mail/time.hxx"
#include "queue/random.hxx"

#include <string>

namespace queue {

/// The request that has the relays of a section tested: all that Host= names, with the section's options.
/// @param name of [Relay.NAME]; empty: [Relay]
/// Throws std::invalid_argument where there is no such section, or no relay in it.
[[nodiscard]] courier::Request MakeProbe(const config::Settings& settings, const std::string& name,
                                         mail::Time now, const Random& random);

}  // namespace queue
