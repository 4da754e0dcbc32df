// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/dsn.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <array>

namespace smtp {

namespace {

constexpr std::size_t kMaxEnvid = 100;  // RFC 3461 section 5.4
constexpr std::string_view kHex = "0123456789ABCDEF";

int HexValue(char c) noexcept {
  const auto at = kHex.find(c);
  return at == kHex.npos ? -1 : static_cast<int>(at);
}

bool IsPrintable(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

std::optional<std::string> ParseNotify(std::string_view text) {
  if (EqualsIgnoreCase(text, "NEVER")) return "NEVER";
  constexpr std::array<const char*, 3> kWords = {"SUCCESS", "FAILURE", "DELAY"};
  const auto given = SplitList(text, ",");
  const auto known = [&](const std::string& word) {
    return std::ranges::any_of(kWords, [&](const char* other) { return EqualsIgnoreCase(word, other); });
  };
  if (given.empty() || !std::ranges::all_of(given, known)) return std::nullopt;
  std::string notify;
  for (const char* word : kWords) {
    if (std::ranges::none_of(given,
                             [word](const std::string& other) { return EqualsIgnoreCase(word, other); }))
      continue;
    if (!notify.empty()) notify += ',';
    notify += word;
  }
  return notify;
}

std::optional<std::string> ParseRet(std::string_view text) {
  for (const char* known : {"FULL", "HDRS"})
    if (EqualsIgnoreCase(text, known)) return known;
  return std::nullopt;
}

std::optional<std::string> ParseEnvid(std::string_view text) {
  const auto decoded = DecodeXtext(text).value_or(std::string(text));
  if (decoded.size() > kMaxEnvid || !IsPrintable(decoded)) return std::nullopt;
  return decoded;
}

std::optional<std::string> DecodeXtext(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '+') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexValue(text[i + 1]);
    const int low = HexValue(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return decoded;
}

std::string ToXtext(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x21 || octet > 0x7e || c == '+' || c == '=')
      encoded += {'+', kHex[octet >> 4], kHex[octet & 15]};
    else
      encoded += c;
  }
  return encoded;
}

}  // namespace smtp
