// SPDX-License-Identifier: BSD-2-Clause
#include "mail/record.hxx"

#include <algorithm>
#include <array>

namespace mail {

namespace {

constexpr char kHex[] = "0123456789abcdef";

bool IsKeyCharacter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

int HexValue(char c) noexcept {
  const auto* end = kHex + 16;
  const auto* at = std::find(kHex, end, c);
  return at == end ? -1 : static_cast<int>(at - kHex);
}

// What would end a line or look like an escape. A table, because an envelope has millions of characters.
constexpr auto kEscaped = [] {
  std::array<bool, 256> escaped{};
  std::fill_n(escaped.begin(), 0x20, true);
  escaped[0x7f] = escaped['\\'] = true;
  return escaped;
}();

bool IsEscaped(char c) noexcept {
  return kEscaped[static_cast<unsigned char>(c)];
}

bool ContinuesCharacter(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

constexpr std::size_t kEscapeSize = 4;  // "\xHH"

std::optional<std::string> Unescape(std::string_view text) {
  const auto plain = text.find('\\');
  std::string value(text.substr(0, plain));
  if (plain == text.npos) return value;
  for (std::size_t i = plain; i < text.size(); ++i) {
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    if (i + 3 >= text.size() || text[i + 1] != 'x') return std::nullopt;
    const int high = HexValue(text[i + 2]);
    const int low = HexValue(text[i + 3]);
    if (high < 0 || low < 0) return std::nullopt;
    value += static_cast<char>(high << 4 | low);
    i += 3;
  }
  return value;
}

}  // namespace

RecordWriter& RecordWriter::Add(std::string_view key, std::string_view value) {
  text_ += key;
  text_ += ": ";
  while (!value.empty()) {
    const auto plain = std::ranges::find_if(value, IsEscaped) - value.begin();
    text_ += value.substr(0, static_cast<std::size_t>(plain));
    value.remove_prefix(static_cast<std::size_t>(plain));
    if (value.empty()) break;
    const auto octet = static_cast<unsigned char>(value.front());
    text_ += {'\\', 'x', kHex[octet >> 4], kHex[octet & 15]};
    value.remove_prefix(1);
  }
  text_ += '\n';
  ++count_;
  return *this;
}

RecordWriter& RecordWriter::Add(std::string_view key, long long number) {
  return Add(key, std::to_string(number));
}

std::size_t SizeOfValue(std::string_view value) noexcept {
  const auto escaped = static_cast<std::size_t>(std::ranges::count_if(value, IsEscaped));
  return value.size() + escaped * (kEscapeSize - 1);
}

std::string_view CutValue(std::string_view value, std::size_t size) noexcept {
  if (value.size() <= size / kEscapeSize) return value;
  std::size_t end = 0;
  for (std::size_t used = 0; end < value.size(); ++end) {
    used += IsEscaped(value[end]) ? kEscapeSize : 1;
    if (used > size) break;
  }
  if (end == value.size()) return value;
  while (end > 0 && ContinuesCharacter(value[end])) --end;
  return value.substr(0, end);
}

std::optional<Field> RecordReader::Next() {
  if (rest_.empty() || bad_) return std::nullopt;
  bad_ = true;  // until the line proves good
  const auto end = rest_.find('\n');
  if (end == rest_.npos) return std::nullopt;
  const auto line = rest_.substr(0, end);
  const auto colon = line.find(": ");
  if (colon == line.npos || colon == 0) return std::nullopt;
  const auto key = line.substr(0, colon);
  if (!std::ranges::all_of(key, IsKeyCharacter)) return std::nullopt;
  auto value = Unescape(line.substr(colon + 2));
  if (!value) return std::nullopt;
  rest_.remove_prefix(end + 1);
  bad_ = false;
  return Field{key, std::move(*value)};
}

}  // namespace mail
