// SPDX-License-Identifier: BSD-2-Clause
#include "base/utf8.hxx"

#include <cstddef>
#include <cstdint>

namespace {

struct Form {
  unsigned char mask, lead;
  std::uint32_t least;  // a smaller code point in this length is an overlong form
};
constexpr Form kForms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

bool IsInRange(std::uint32_t point, std::uint32_t least) noexcept {
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return point >= least && point <= 0x10ffff && !surrogate;
}

// The code point in the first @p length octets, whose lead octet matches @p form.
bool IsCharacter(std::string_view text, std::size_t length, const Form& form) noexcept {
  if (text.size() < length) return false;
  std::uint32_t point = static_cast<unsigned char>(text[0]) & ~unsigned{form.mask};
  for (std::size_t i = 1; i < length; ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if ((octet & 0xc0) != 0x80) return false;
    point = (point << 6) | (octet & 0x3f);
  }
  return IsInRange(point, form.least);
}

// The length of the character at the front; 0 if there is none.
std::size_t CharacterLength(std::string_view text) noexcept {
  std::size_t length = 0;
  for (const Form& form : kForms) {
    ++length;
    if ((static_cast<unsigned char>(text[0]) & form.mask) == form.lead)
      return IsCharacter(text, length, form) ? length : 0;
  }
  return 0;
}

}  // namespace

bool IsUtf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string ReplaceInvalidUtf8(std::string_view text) {
  if (IsUtf8(text) && text.find('\0') == text.npos) return std::string(text);
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    const bool bad = length == 0 || text[0] == '\0';
    valid += bad ? "\xef\xbf\xbd" : text.substr(0, length);
    text.remove_prefix(bad ? 1 : length);
  }
  return valid;
}
