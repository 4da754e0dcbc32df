// SPDX-License-Identifier: BSD-2-Clause
#include "mail/logical_line.hxx"

#include "base/text.hxx"
#include "base/utf8.hxx"

#include <algorithm>

namespace mail {

namespace {

// Some editors put it at the beginning of UTF-8.

bool IsAbsent(std::string_view line) noexcept {
  const auto content = Trim(line);
  return content.empty() || content.front() == '#';
}

bool Continues(std::string_view line) noexcept {
  return line.front() == ' ' || line.front() == '\t';
}

std::string_view WithoutLineEnd(std::string_view line) noexcept {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The first line of @p text, with its line end.
std::string_view FirstLine(std::string_view text) noexcept {
  const auto end = text.find('\n');
  return end == text.npos ? text : text.substr(0, end + 1);
}

}  // namespace

LogicalLineReader::LogicalLineReader(std::string_view text, unsigned first_line) noexcept
    : text_(text), at_(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0), number_(first_line) {}

std::string_view LogicalLineReader::TakeLine() noexcept {
  const auto line = FirstLine(text_.substr(at_));
  at_ += line.size();
  ++number_;
  return line;
}

void LogicalLineReader::SkipAbsentLines() noexcept {
  while (at_ < text_.size() && IsAbsent(FirstLine(text_.substr(at_)))) (void)TakeLine();
}

std::optional<LogicalLine> LogicalLineReader::Next() noexcept {
  SkipAbsentLines();
  if (at_ == text_.size()) return std::nullopt;
  const auto begin = at_;
  const auto number = number_;
  auto end = begin;
  do {
    (void)TakeLine();
    end = at_;
    SkipAbsentLines();
  } while (at_ < text_.size() && Continues(text_.substr(at_)));
  return LogicalLine{WithoutLineEnd(text_.substr(begin, end - begin)), number};
}

JoinedLine::JoinedLine(const LogicalLine& line) {
  auto number = line.number;
  for (auto rest = line.raw; !rest.empty(); ++number) {
    const auto physical = FirstLine(rest);
    rest.remove_prefix(physical.size());
    if (IsAbsent(physical)) continue;
    text_ += WithoutLineEnd(physical);
    parts_.push_back({text_.size(), number});
  }
}

std::vector<JoinedLine::Part>::const_iterator JoinedLine::Find(std::size_t offset) const noexcept {
  return std::ranges::upper_bound(parts_, offset, {}, &Part::end);
}

unsigned JoinedLine::NumberAt(std::size_t offset) const noexcept {
  const auto found = Find(offset);
  if (found != parts_.end()) return found->number;
  return parts_.empty() ? 0 : parts_.back().number;
}

std::size_t JoinedLine::EndOfLineAt(std::size_t offset) const noexcept {
  const auto found = Find(offset);
  return found == parts_.end() ? text_.size() : found->end;
}

}  // namespace mail
