// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace mail {

/// Makes a header field fit for a channel: a CR that is no part of a line end, and NUL, become spaces; lines
/// of more than 998 octets are folded, at white space if there is any.
/// @param field with its lines' ends
/// @param seven_bit the channel takes ASCII alone: text (Subject, Comments, fields of no known structure) and
///   display names become encoded words (RFC 2047); what can't be encoded is left as it is
[[nodiscard]] std::string ConvertField(std::string_view field, bool seven_bit);

}  // namespace mail
