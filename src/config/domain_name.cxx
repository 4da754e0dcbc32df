// SPDX-License-Identifier: BSD-2-Clause
#include "config/domain_name.hxx"

#include "base/utf8.hxx"

#include <algorithm>
#include <string>

namespace config {

namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

bool IsDigit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool IsLabelCharacter(char c) noexcept {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool IsDomainLabel(std::string_view label) noexcept {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, IsLabelCharacter);
}

}  // namespace

bool IsDomainName(std::string_view text) noexcept {
  if (text.size() > kMaxName) return false;
  for (;;) {
    const auto dot = text.find('.');
    const auto label = text.substr(0, dot);
    if (!IsDomainLabel(label)) return false;
    if (dot == text.npos) return !std::ranges::all_of(label, IsDigit);
    text.remove_prefix(dot + 1);
  }
}

bool IsMailDomain(std::string_view text) noexcept {
  if (text.size() > kMaxName || !IsUtf8(text)) return false;
  std::string ascii(text);
  for (char& c : ascii)
    if (static_cast<unsigned char>(c) >= 0x80) c = 'x';
  return IsDomainName(ascii);
}

}  // namespace config
