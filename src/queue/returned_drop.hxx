// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/envelope.hxx"
#include "mail/time.hxx"

#include <optional>
#include <string>
#include <string_view>

namespace queue {

/// What takes the place of a message that is not taken in.
struct ReturnedDrop {
  mail::Envelope envelope;
  std::string message;
};

/// A notification that a drop is returned to its sender; to root, where it has no sender. It has the queue ID
/// of the drop, so that it is queued once, however often that is begun.
/// @param original its text, up to bounce::kMaxReturned octets of it
/// @return empty if nobody wants to know (NOTIFY=NEVER)
[[nodiscard]] std::optional<ReturnedDrop> MakeReturnedDrop(const mail::Envelope& envelope,
                                                           std::string_view original,
                                                           const mail::DeliveryResult& result,
                                                           const config::Settings& settings, mail::Time now);

}  // namespace queue
