// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What a reader makes of a message, written apart from what the tests are about, and for good messages only.

/// RFC 2045 section 6.7.
[[nodiscard]] std::string DecodeQuotedPrintable(std::string_view text);
[[nodiscard]] std::string DecodeBase64(std::string_view text);

/// The contents of all parts, decoded, in their order.
[[nodiscard]] std::vector<std::string> DecodeMessage(std::string_view message);

/// CRLF as LF.
[[nodiscard]] std::string WithoutLineEndCr(std::string_view text);

/// What a channel would not take: "NUL", "CR", "long line", "8-bit"; empty if there is nothing.
[[nodiscard]] std::string FindUnfit(std::string_view text, bool seven_bit);
