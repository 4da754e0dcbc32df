// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.hxx"

#include <algorithm>

namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kMaxQuoted = 256;

constexpr char LowerOf(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

std::string_view Trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string> SplitList(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    if (const auto part = Trim(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), LowerOf);
  return lower;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, LowerOf, LowerOf);
}

bool HasControl(std::string_view text) noexcept {
  return std::ranges::any_of(text, IsControl);
}

bool IsAscii(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix) noexcept {
  return EqualsIgnoreCase(text.substr(0, prefix.size()), prefix);
}

std::string Quote(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "'";
  for (const char c : text.substr(0, kMaxQuoted)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet > 0x7e || c == '\'' || c == '\\')
      quoted += {'\\', 'x', kHex[octet >> 4], kHex[octet & 15]};
    else
      quoted += c;
  }
  if (text.size() > kMaxQuoted) quoted += "…";
  return quoted + "'";
}
