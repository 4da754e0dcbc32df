// SPDX-License-Identifier: BSD-2-Clause
#include "mail/header_text.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <array>
#include <cstdio>

namespace mail {

namespace {

constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kMaxEncodedWord = 75;  // RFC 2047 section 2

bool IsAlphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Atoms with single spaces between them; something that looks encoded must be quoted to stay what it is.
bool IsPhrase(std::string_view name) noexcept {
  constexpr std::string_view kAtomPunctuation = "!#$%&'*+-/=?^_`{|}~";
  const bool blanks = name.starts_with(' ') || name.ends_with(' ') || name.find("  ") != name.npos;
  return !blanks && name.find("=?") == name.npos && std::ranges::all_of(name, [=](char c) {
    return c == ' ' || IsAlphanumeric(c) || kAtomPunctuation.find(c) != kAtomPunctuation.npos;
  });
}

std::string QuotePhrase(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

// The length of the UTF-8 sequence at the start of text; 0 if it is none (RFC 3629).
std::size_t Utf8Length(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  const auto tail = text.substr(1, length - 1);
  const bool good =
      std::ranges::all_of(tail, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
  return good ? length : 0;
}

bool IsUtf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// The "Q" encoding as it must be within a phrase: RFC 2047 section 5 (3).
std::string EncodeQ(std::string_view octets) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == ' ')
      encoded += '_';
    else if (IsAlphanumeric(c) || c == '-' || c == '.')
      encoded += c;
    else
      encoded += {'=', kHex[octet >> 4], kHex[octet & 15]};
  }
  return encoded;
}

std::string FormatName(std::string_view name) {
  if (!IsAscii(name)) return EncodeWords(name);
  return IsPhrase(name) ? std::string(name) : QuotePhrase(name);
}

}  // namespace

std::string FormatDate(Time time, long utc_offset) {
  namespace chr = std::chrono;
  const auto local = chr::floor<chr::seconds>(time) + chr::seconds(utc_offset);
  const auto day = chr::floor<chr::days>(local);
  const chr::year_month_day date(day);
  const chr::hh_mm_ss clock(local - day);
  const long zone = std::abs(utc_offset) / 60;
  std::array<char, 64> text;
  const int size = std::snprintf(
      text.data(), text.size(), "%s, %u %s %d %02d:%02d:%02d %c%02ld%02ld",
      kDays[chr::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
      kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), utc_offset < 0 ? '-' : '+', zone / 60, zone % 60);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string EncodeWords(std::string_view text) {
  const bool utf8 = IsUtf8(text);
  const std::string begin = utf8 ? "=?utf-8?Q?" : "=?unknown-8bit?Q?";
  std::string words = begin;
  std::size_t word = 0;  // where the current encoded word begins
  while (!text.empty()) {
    const auto length = utf8 ? Utf8Length(text) : 1;
    const auto encoded = EncodeQ(text.substr(0, length));
    if (words.size() - word + encoded.size() + 2 > kMaxEncodedWord) {
      words += "?=\n ";
      word = words.size();
      words += begin;
    }
    words += encoded;
    text.remove_prefix(length);
  }
  return words + "?=";
}

std::string FormatMailbox(std::string_view name, std::string_view address) {
  if (name.empty()) return std::string(address);
  const auto phrase = FormatName(name);
  const char* const space = IsAscii(name) ? " <" : "\n <";
  return phrase + space + std::string(address) + ">";
}

}  // namespace mail
