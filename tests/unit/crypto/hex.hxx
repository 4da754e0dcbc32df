// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Octets as pairs of hexadecimal digits.
template <typename Octets>
std::string Hex(const Octets& octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto octet : octets) {
    const auto value = static_cast<std::uint8_t>(octet);
    text += {kDigits[value >> 4], kDigits[value & 0xf]};
  }
  return text;
}
