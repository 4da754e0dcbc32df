// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace mail {

/// Folds the lines of a header field that have more than 998 octets (RFC 5322 sections 2.1.1 and 2.2.3), and
/// no others, where that changes nothing for a reader: before white space; in a structured field never within
/// a quoted string or angle brackets, but also behind the comma of an address list, the semicolon of a
/// parameter, and between message identifiers. A line without such a place stays as it is.
/// @param field with its lines' ends
[[nodiscard]] std::string FoldField(std::string_view field);

/// True for fields whose bodies are free text (RFC 5322 section 3.6.5), those of no known structure included.
[[nodiscard]] bool IsFreeText(std::string_view name);
/// True for fields that hold an address list.
[[nodiscard]] bool HoldsAddresses(std::string_view name);

}  // namespace mail
