// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/reply.hxx"

#include "base/text.hxx"
#include "mail/delivery_result.hxx"

#include <algorithm>
#include <utility>

namespace smtp {

namespace {

void AppendPrintable(std::string& shown, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet > 0x7e || c == '\\')
      shown += {'\\', 'x', kHex[octet >> 4], kHex[octet & 15]};
    else
      shown += c;
  }
}

// 0 if the line does not open with a code and a separator.
int ParseCode(std::string_view line) {
  if (line.size() < 3 || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) return 0;
  const auto code = ParseNumber<int>(line.substr(0, 3));
  return code && *code >= 200 && *code <= 599 ? *code : 0;
}

}  // namespace

std::string_view Reply::EnhancedStatus() const noexcept {
  if (lines.empty()) return {};
  const std::string_view text = lines.front();
  const auto word = text.substr(0, std::min(text.find(' '), text.size()));
  if (!mail::IsEnhancedStatus(word) || word[0] != '0' + Class()) return {};
  return word;
}

std::string Reply::ToString() const {
  const auto status = EnhancedStatus();
  std::string shown = std::to_string(code);
  for (std::size_t i = 0; i < lines.size() && shown.size() < kMaxShown; ++i) {
    std::string_view text = lines[i];
    if (i > 0 && !status.empty() && text.starts_with(status)) text.remove_prefix(status.size());
    text = Trim(text);
    if (text.empty()) continue;
    shown += ' ';
    AppendPrintable(shown, text.substr(0, kMaxShown));
  }
  if (shown.size() > kMaxShown) shown.resize(kMaxShown);
  return shown;
}

void ReplyParser::Feed(std::string_view octets) {
  if (Bad()) return;
  buffer_.erase(0, taken_);
  taken_ = 0;
  buffer_ += octets;
}

std::optional<Reply> ReplyParser::Next() {
  while (!Bad()) {
    const auto line = NextLine();
    if (!line) break;
    if (TakeLine(*line)) {
      size_ = 0;
      if (taken_ == buffer_.size()) Feed({});
      return std::exchange(reply_, {});
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> ReplyParser::NextLine() {
  const auto rest = std::string_view(buffer_).substr(taken_);
  const auto end = rest.find('\n');
  if (std::min(end, rest.size()) > kMaxLine) {
    error_ = "a reply line is too long";
    return std::nullopt;
  }
  if (end == rest.npos) return std::nullopt;
  taken_ += end + 1;
  auto line = rest.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// True if the line ends a reply.
bool ReplyParser::TakeLine(std::string_view line) {
  const int code = ParseCode(line);
  size_ += line.size();
  if (code == 0)
    error_ = "not an SMTP reply: " + Quote(line);
  else if (!reply_.lines.empty() && code != reply_.code)
    error_ = "the lines of a reply have different codes";
  else if (size_ + reply_.lines.size() > kMaxReply)
    error_ = "a reply is too long";
  if (Bad()) return false;
  reply_.code = code;
  reply_.lines.emplace_back(line.substr(std::min<std::size_t>(4, line.size())));
  return line.size() == 3 || line[3] == ' ';
}

}  // namespace smtp
