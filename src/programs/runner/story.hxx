// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"

#include <string>
#include <string_view>

/// The story of each message in the journal: one record a step, each with the field MAILQUEUE_ID.
namespace runner {

void LogTaken(const mail::Envelope& envelope);
/// @param recipient as submitted
/// @param end where that led to: the same, or another address
void LogResult(const mail::Envelope& envelope, const std::string& recipient, const std::string& end,
               const mail::DeliveryResult& result);
/// @param what "returned to its sender", …
void LogStep(int priority, const mail::Envelope& envelope, std::string_view what);

}  // namespace runner
