// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/envelope.hxx"
#include "mail/queue_id.hxx"
#include "mail/time.hxx"
#include "spool/queue.hxx"

#include <string>
#include <utility>
#include <vector>

namespace runner {

/// Messages and what is wrong with each.
using Damages = std::vector<std::pair<mail::QueueId, std::string>>;

/// Queues one message that tells root of them, and remembers that it has. A crash in between tells twice.
/// @return the message's envelope
/// Throws std::system_error.
[[nodiscard]] std::vector<mail::Envelope> ReportDamages(const spool::Queue& queue,
                                                        const config::Settings& settings,
                                                        const Damages& damages, mail::Time now);

}  // namespace runner
