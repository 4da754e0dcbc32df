// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

/// What some editors put in front of a text: it has no meaning there.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// True for UTF-8 of RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
[[nodiscard]] bool IsUtf8(std::string_view text) noexcept;

/// True for an octet that goes on with a character, and can't begin one.
[[nodiscard]] constexpr bool IsUtf8Continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// The text with U+FFFD for each octet that is no UTF-8, and for NUL: what D-Bus and JSON can carry.
[[nodiscard]] std::string ReplaceInvalidUtf8(std::string_view text);
