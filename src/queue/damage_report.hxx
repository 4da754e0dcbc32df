// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "mail/queue_id.hxx"
#include "queue/environment.hxx"

#include <string>
#include <utility>
#include <vector>

namespace queue {

/// Messages and what is wrong with each.
using Damages = std::vector<std::pair<mail::QueueId, std::string>>;

/// Queues one message that tells root of them, and remembers that it has. A crash in between tells twice.
/// @return the message's envelope
/// Throws std::system_error.
[[nodiscard]] mail::Envelope ReportDamages(const Environment& environment, const Damages& damages);

}  // namespace queue
