// SPDX-License-Identifier: BSD-2-Clause
#include "config/ini.hxx"

#include "base/text.hxx"
#include "base/utf8.hxx"

#include <algorithm>

namespace config {

namespace {

// A backslash that is not itself preceded by one: an even number of them is text.
bool IsContinued(std::string_view line) noexcept {
  const auto last = line.find_last_not_of('\\');
  const auto count = last == line.npos ? line.size() : line.size() - last - 1;
  return count % 2 == 1;
}

IniItem Bad(unsigned line, std::string text) {
  return {IniItem::Kind::Bad, line, {}, std::move(text)};
}

IniItem ParseSection(unsigned line, std::string_view text) {
  if (text.size() < 3 || text.back() != ']')
    return Bad(line, Quote(text) + " is no section, expected [Name]");
  return {IniItem::Kind::Section, line, std::string(text.substr(1, text.size() - 2)), {}};
}

IniItem ParseAssignment(unsigned line, std::string_view text) {
  const auto equals = text.find('=');
  const auto key = Trim(text.substr(0, equals));
  if (equals == text.npos || key.empty())
    return Bad(line, Quote(text) + " is not understood, expected Key=value");
  return {IniItem::Kind::Assignment, line, std::string(key), std::string(Trim(text.substr(equals + 1)))};
}

}  // namespace

IniReader::IniReader(std::string_view text) noexcept : rest_(text) {
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

std::optional<std::string_view> IniReader::NextPhysicalLine() noexcept {
  if (rest_.empty()) return std::nullopt;
  const auto end = std::min(rest_.find('\n'), rest_.size());
  auto line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  ++line_;
  return line;
}

// Comments are left out even between continued lines, as systemd does it.
std::optional<std::string> IniReader::NextLine() {
  std::string whole;
  bool continued = false;
  while (const auto line = NextPhysicalLine()) {
    const auto start = std::min(line->find_first_not_of(" \t"), line->size());
    const auto text = line->substr(start);
    if (text.starts_with('#') || text.starts_with(';')) continue;
    if (!continued) first_line_ = line_;
    continued = IsContinued(text);
    whole += continued ? text.substr(0, text.size() - 1) : text;
    if (!continued) return whole;
    whole += ' ';
  }
  if (continued) return whole;
  return std::nullopt;
}

std::optional<IniItem> IniReader::Next() {
  while (const auto line = NextLine()) {
    const auto text = Trim(*line);
    if (text.empty()) continue;
    if (std::ranges::any_of(text, [](char c) { return IsControl(c) && c != '\t'; }))
      return Bad(first_line_, "control characters, expected a text file");
    if (!IsUtf8(text)) return Bad(first_line_, Quote(text) + " is not UTF-8");
    IniItem item = text.front() == '[' ? ParseSection(first_line_, text) : ParseAssignment(first_line_, text);
    if (text.front() == '[') in_section_ = true;
    if (item.kind == IniItem::Kind::Assignment && !in_section_)
      return Bad(first_line_, Quote(item.name) + " stands before any [Section]");
    return item;
  }
  return std::nullopt;
}

}  // namespace config
