// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace mail {

/// Makes a header field fit for a channel, as far as that changes nothing for a reader: lines of more than
/// 998 octets are folded (FoldField), and a word of Subject, Comments or Content-Description that no line has
/// room for becomes encoded words (RFC 2047). What can't be folded or encoded stays as it is.
/// @param field with its lines' ends, without NUL and bare CR; or any other piece of a header section, which
///   stays as it is
/// @param seven_bit the channel takes ASCII alone: text (Subject, Comments, fields of no known structure) and
///   display names become encoded words, too
[[nodiscard]] std::string ConvertField(std::string_view field, bool seven_bit);

}  // namespace mail
