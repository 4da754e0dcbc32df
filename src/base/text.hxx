// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The text without white space (space, tab, CR, LF) at both ends.
[[nodiscard]] std::string_view Trim(std::string_view text) noexcept;

/// The parts between separators, trimmed; empty parts are left out.
[[nodiscard]] std::vector<std::string> SplitList(std::string_view text, std::string_view separators);

/// ASCII letters in lower case; every other octet as it is.
[[nodiscard]] std::string ToLower(std::string_view text);

/// A control character of ASCII (RFC 5322 section 3.2.3), DEL included.
[[nodiscard]] constexpr bool IsControl(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// In a name or address of one line a control character is an error or an attack.
[[nodiscard]] bool HasControl(std::string_view text) noexcept;

/// No octet is over 127.
[[nodiscard]] bool IsAscii(std::string_view text) noexcept;

[[nodiscard]] bool EqualsIgnoreCase(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix) noexcept;

/// The text in single quotes for a log line or a message to a person: control characters, quotes,
/// backslashes and octets over 126 as \xHH, cut after 256 octets with "…".
[[nodiscard]] std::string Quote(std::string_view text);

/// A number written in decimal digits and nothing else; empty if it is not, or does not fit.
template <typename Integer>
[[nodiscard]] std::optional<Integer> ParseNumber(std::string_view text) noexcept {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}
