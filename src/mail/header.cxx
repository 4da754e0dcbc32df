// SPDX-License-Identifier: BSD-2-Clause
#include "mail/header.hxx"

#include "base/text.hxx"
#include "base/utf8.hxx"

#include <algorithm>

namespace mail {

namespace {

// From so many octets on, a line that is still arriving is looked at: a body of one endless line takes no
// memory then.
constexpr std::size_t kLongLine = 64 * 1024;

bool IsNameCharacter(char c) noexcept {
  return c > 0x20 && c < 0x7f && c != ':';
}

// Whether a line that is still arriving may turn out to be part of a header section.
bool MayBeField(std::string_view start, bool first) noexcept {
  if (!start.empty() && (start[0] == ' ' || start[0] == '\t')) return !first;
  return FieldNameSize(start) > 0 || std::ranges::all_of(start, IsNameCharacter);
}

}  // namespace

// Blanks before the colon: RFC 5322 section 4.5.
std::size_t FieldNameSize(std::string_view line) noexcept {
  const auto size = static_cast<std::size_t>(std::ranges::find_if_not(line, IsNameCharacter) - line.begin());
  const auto colon = line.find_first_not_of(" \t", size);
  return colon != line.npos && line[colon] == ':' ? size : 0;
}

bool IsMboxLine(std::string_view line) noexcept {
  return line.starts_with("From ") || line.starts_with(">From ");
}

bool HeaderField::Is(std::string_view other) const noexcept {
  return EqualsIgnoreCase(name, other);
}

std::string_view HeaderField::Body() const noexcept {
  return text.substr(text.find(':') + 1);
}

HeaderReader::State HeaderReader::Add(std::string_view octets) {
  text_ += octets;
  if (!begun_) {
    if (text_.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(text_)) return State::Reading;
    if (text_.starts_with(kByteOrderMark)) text_.erase(0, kByteOrderMark.size());
    begun_ = true;
  }
  for (;;) {
    const auto end = text_.find('\n', searched_);
    if (end == text_.npos) break;
    if (!TakeLine(line_, end + 1)) return State::Done;
    line_ = searched_ = end + 1;
  }
  searched_ = text_.size();
  const auto line = std::string_view(text_).substr(line_);
  if (line.size() > kLongLine && !MayBeField(line, spans_.empty())) {
    End(line_, line_);
    return State::Done;
  }
  return text_.size() > kMaxSize ? State::TooLarge : State::Reading;
}

void HeaderReader::Finish() {
  if (line_ < text_.size() && !TakeLine(line_, text_.size())) return;
  End(text_.size(), text_.size());
}

// False when the header section has ended.
bool HeaderReader::TakeLine(std::size_t begin, std::size_t end) {
  const auto line = std::string_view(text_).substr(begin, end - begin);
  if (begin == 0 && IsMboxLine(line) && FieldNameSize(line) == 0) return true;
  if (const auto name_size = FieldNameSize(line)) {
    spans_.push_back({begin, end, name_size});
    return true;
  }
  if (!spans_.empty() && (line[0] == ' ' || line[0] == '\t')) {
    spans_.back().end = end;
    return true;
  }
  End(begin, line == "\n" ? end : begin);
  return false;
}

void HeaderReader::End(std::size_t header_end, std::size_t body) {
  body_ = body;
  std::replace_if(
      text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(header_end),
      [](char c) { return c == '\r' || c == '\0'; }, ' ');
  fields_.reserve(spans_.size());
  for (const auto& span : spans_) {
    const auto field = std::string_view(text_).substr(span.begin, span.end - span.begin);
    fields_.push_back({field.substr(0, span.name_size), field});
  }
}

}  // namespace mail
