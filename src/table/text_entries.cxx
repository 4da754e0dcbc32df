// SPDX-License-Identifier: BSD-2-Clause
#include "table/text_entries.hxx"

#include "base/text.hxx"
#include "mail/logical_line.hxx"
#include "table/key.hxx"

#include <algorithm>

namespace table {

namespace {

// The end of the key at the beginning of @p text: a colon, blank or line end outside of quotes. npos if a
// quote is not closed on its line.
std::size_t EndOfKey(std::string_view text) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == '\\' && quoted)
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && (text[i] == ':' || text[i] == ' ' || text[i] == '\t' || text[i] == '\r'))
      return i;
  }
  return quoted ? text.npos : std::min(text.find('\n'), text.size());
}

// ":include:" and its like begin a value; any other colon in front of it separates.
bool BeginsWithMark(std::string_view value) noexcept {
  const auto end = value.find(':', 1);
  if (!value.starts_with(':') || end == value.npos || end == 1) return false;
  return std::ranges::all_of(value.substr(1, end - 1),
                             [](char c) { return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z'); });
}

// Quotes around the whole of a key are the file's; others belong to the address that the key is.
std::string WithoutQuotes(std::string_view key) {
  if (key.size() < 2 || key.front() != '"' || key.find_last_of('"') + 1 != key.size())
    return std::string(key);
  std::string text;
  for (std::size_t i = 1; i + 1 < key.size(); ++i) {
    if (key[i] == '"') return std::string(key);
    if (key[i] == '\\') ++i;
    text += key[i];
  }
  return text;
}

class Parser {
 public:
  explicit Parser(Separator separator) noexcept : separator_(separator) {}

  [[nodiscard]] TextEntries Parse(std::string_view text);

 private:
  void OnLine(const mail::LogicalLine& line);
  void OnEntry(const mail::LogicalLine& line, std::string_view key, std::string_view value);
  void RemoveDuplicates();
  void Fault(unsigned line, std::string text);

  Separator separator_;
  TextEntries result_;
};

TextEntries Parser::Parse(std::string_view text) {
  mail::LogicalLineReader reader(text);
  while (const auto line = reader.Next()) OnLine(*line);
  RemoveDuplicates();
  std::ranges::stable_sort(result_.faults, {}, &TextFault::line);
  return std::move(result_);
}

void Parser::OnLine(const mail::LogicalLine& line) {
  if (line.raw.starts_with(' ') || line.raw.starts_with('\t'))
    return Fault(line.number, "a line that begins with a blank continues another, but there is none");
  const auto end = EndOfKey(line.raw);
  if (end == line.raw.npos)
    return Fault(line.number, Quote(line.raw) + " has a double quote that is not closed");
  auto value = line.raw.substr(end);
  const auto first = value.find_first_not_of(" \t");
  if (first != value.npos) value.remove_prefix(first);
  if (value.starts_with(':') && (first == 0 || !BeginsWithMark(value)))
    value.remove_prefix(1);
  else if (separator_ == Separator::Colon)
    return Fault(line.number, Quote(line.raw) + " has no colon behind a name; write NAME: VALUE");
  OnEntry(line, line.raw.substr(0, end), value);
}

void Parser::OnEntry(const mail::LogicalLine& line, std::string_view key, std::string_view value) {
  auto normal = NormaliseKey(WithoutQuotes(key));
  if (!normal)
    return Fault(line.number,
                 Quote(key) + " can't be a name: it is empty, too long or has control characters");
  const auto content = Trim(value);
  if (content.empty()) return Fault(line.number, Quote(key) + " has nothing behind it; write NAME: VALUE");
  const auto passed = line.raw.substr(0, static_cast<std::size_t>(content.data() - line.raw.data()));
  const auto value_line = line.number + static_cast<unsigned>(std::ranges::count(passed, '\n'));
  result_.entries.push_back({std::move(*normal), content, line.number, value_line});
}

void Parser::RemoveDuplicates() {
  auto& entries = result_.entries;
  std::ranges::stable_sort(entries, {}, &TextEntry::key);
  for (std::size_t i = 1, first = 0; i < entries.size(); ++i) {
    if (entries[i].key != entries[first].key)
      first = i;
    else
      Fault(entries[i].line, Quote(entries[i].key) + " has an entry in line " +
                                 std::to_string(entries[first].line) + " already; that one counts");
  }
  const auto [begin, end] = std::ranges::unique(entries, {}, &TextEntry::key);
  entries.erase(begin, end);
}

void Parser::Fault(unsigned line, std::string text) {
  auto& faults = result_.faults;
  if (faults.size() == TextEntries::kMaxFaults) return;
  if (faults.size() + 1 == TextEntries::kMaxFaults) text = "too many faults; the others are not listed";
  faults.push_back({line, std::move(text)});
}

}  // namespace

const TextEntry* TextEntries::Find(std::string_view key) const noexcept {
  const auto found = std::ranges::lower_bound(entries, key, {}, &TextEntry::key);
  return found == entries.end() || found->key != key ? nullptr : &*found;
}

TextEntries ParseTextEntries(std::string_view text, Separator separator) {
  return Parser(separator).Parse(text);
}

}  // namespace table
