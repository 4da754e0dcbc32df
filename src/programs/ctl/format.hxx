// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bus/message_status.hxx"
#include "bus/route_line.hxx"
#include "mail/relay_report.hxx"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ctl {

using Messages = std::vector<bus::MessageStatus>;

/// The list for a person: a line for each message, and below it a line for each recipient with the reason why
/// it waits.
/// @param length of the whole queue, whoever's mail it is
[[nodiscard]] std::string FormatTable(const Messages& messages, std::size_t length);

/// The list as Postfix's mailq prints it, for the scripts that read that: a block a message, and a last line
/// "-- N Kbytes in M Requests.", where M is @p length: monitoring runs as a user who has no mail.
[[nodiscard]] std::string FormatMailq(const Messages& messages, std::size_t length);

/// One JSON object a line and message, with the names of bus::MessageStatus; times in microseconds since the
/// epoch.
[[nodiscard]] std::string FormatJson(const Messages& messages);

/// The tree that shows where addresses lead, indented by two blanks a step.
[[nodiscard]] std::string FormatRoute(const std::vector<bus::RouteLine>& lines);

/// The findings of tests of relays: each relay, with the findings indented below it.
[[nodiscard]] std::string FormatReports(const std::vector<mail::RelayReport>& reports);

/// Escapes a text for a terminal: control characters, those of ISO 6429's second set too, as \xHH. Mail is
/// written by strangers.
[[nodiscard]] std::string Escape(std::string_view text);

}  // namespace ctl
