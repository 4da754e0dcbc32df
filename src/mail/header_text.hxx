// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/time.hxx"

#include <string>
#include <string_view>

namespace mail {

/// "Mon, 1 Jan 2024 00:00:00 +0000" (RFC 5322 section 3.3).
/// @param utc_offset of the zone to show, in seconds east of Greenwich
[[nodiscard]] std::string FormatDate(Time time, long utc_offset);

/// The text as encoded words (RFC 2047), folded after each; valid in a phrase, too.
/// @param text UTF-8, or of unknown encoding
[[nodiscard]] std::string EncodeWords(std::string_view text);

/// A name-addr for a From field: `Alice Liddell <alice@example.org>`. A name that is no phrase as it stands
/// is quoted, one that isn't ASCII becomes encoded words (RFC 2047), folded after each.
/// @param name UTF-8, or of unknown encoding; without control characters; empty: the address alone
[[nodiscard]] std::string FormatMailbox(std::string_view name, std::string_view address);

}  // namespace mail
