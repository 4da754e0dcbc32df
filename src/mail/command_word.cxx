// SPDX-License-Identifier: BSD-2-Clause
#include "mail/command_word.hxx"

#include "base/text.hxx"

namespace mail {

namespace {

constexpr std::string_view kBlanks = " \t";
// What a backslash takes the meaning from within double quotes: those of sh(1), so that a line means there
// and here the same.
constexpr std::string_view kEscapable = "\"\\$`";
// Outside of quotes these end a word of sh(1), and begin a redirection, a pipe, or another command.
constexpr std::string_view kOperators = "<>|&;()";
// What may follow a dollar sign that stands for something else, besides letters and digits.
constexpr std::string_view kParameters = "_{(@*#?!$-";

bool IsLetterOrDigit(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool CommandWordReader::AtEnd() const noexcept {
  return at_ == line_.size() || (until_ == Until::Comma && line_[at_] == ',');
}

bool CommandWordReader::AtEndOfWord() const noexcept {
  return AtEnd() || kBlanks.find(line_[at_]) != kBlanks.npos;
}

std::optional<std::string> CommandWordReader::Fail() noexcept {
  bad_ = true;
  at_ = line_.size();
  return std::nullopt;
}

void CommandWordReader::NoteSyntax(std::size_t size) noexcept {
  if (shell_syntax_.empty()) shell_syntax_ = line_.substr(at_, size);
}

// Within double quotes, too: "$NAME" and "`…`" mean the same there.
void CommandWordReader::NoteExpansion() {
  const auto rest = line_.substr(at_);
  if (rest.front() == '`') NoteSyntax(1);
  if (rest.front() != '$' || rest.size() < 2) return;
  if (IsLetterOrDigit(rest[1]) || kParameters.find(rest[1]) != kParameters.npos) NoteSyntax(2);
}

std::optional<std::string> CommandWordReader::Next() {
  while (!AtEnd() && AtEndOfWord()) ++at_;
  if (AtEnd()) return std::nullopt;
  if (line_[at_] == '{') return ReadBraces();
  if (line_[at_] == '~') NoteSyntax(1);
  std::string word;
  while (!AtEndOfWord()) {
    if (kOperators.find(line_[at_]) != kOperators.npos) NoteSyntax(1);
    NoteExpansion();
    const char c = line_[at_++];
    if (c == '\'') {
      if (!ReadSingleQuotes(word)) return Fail();
    } else if (c == '"') {
      if (!ReadDoubleQuotes(word)) return Fail();
    } else {
      word += c;
    }
  }
  return word;
}

std::optional<std::string> CommandWordReader::ReadBraces() {
  const auto begin = ++at_;
  for (std::size_t depth = 1; at_ < line_.size(); ++at_) {
    if (line_[at_] == '{') ++depth;
    if (line_[at_] != '}' || --depth) continue;
    const auto content = Trim(line_.substr(begin, at_++ - begin));
    if (!AtEndOfWord()) return Fail();
    return std::string(content);
  }
  return Fail();
}

bool CommandWordReader::ReadSingleQuotes(std::string& word) {
  const auto end = line_.find('\'', at_);
  if (end == line_.npos) return false;
  word += line_.substr(at_, end - at_);
  at_ = end + 1;
  return true;
}

bool CommandWordReader::ReadDoubleQuotes(std::string& word) {
  for (; at_ < line_.size(); ++at_) {
    if (line_[at_] == '"') {
      ++at_;
      return true;
    }
    const bool escapes =
        line_[at_] == '\\' && at_ + 1 < line_.size() && kEscapable.find(line_[at_ + 1]) != kEscapable.npos;
    if (escapes)
      ++at_;
    else
      NoteExpansion();
    word += line_[at_];
  }
  return false;
}

}  // namespace mail
