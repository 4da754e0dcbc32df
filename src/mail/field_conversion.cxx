// SPDX-License-Identifier: BSD-2-Clause
#include "mail/field_conversion.hxx"

#include "base/text.hxx"
#include "mail/field_folding.hxx"
#include "mail/header.hxx"
#include "mail/header_text.hxx"
#include "mail/text_survey.hxx"

#include <algorithm>
#include <array>
#include <utility>

namespace mail {

namespace {

constexpr std::string_view kFieldBlanks = " \t\r\n";
constexpr std::size_t kWidth = 76;  // of a line with an encoded word, RFC 2047 section 2

std::string WithoutLineEnds(std::string_view text) {
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == '\r' || c == '\n'; });
  return plain;
}

std::size_t ColumnOf(std::string_view text) noexcept {
  const auto line = text.rfind('\n');
  return line == text.npos ? text.size() : text.size() - line - 1;
}

// Encoded words join without a blank between them (RFC 2047 section 6.2), so that a word of any length can be
// written in several.
constexpr auto kJoined = std::to_array<std::string_view>({"comments", "content-description", "subject"});

bool JoinsWords(std::string_view name) {
  return std::ranges::find(kJoined, ToLower(name)) != kJoined.end();
}

bool LooksEncoded(std::string_view word) noexcept {
  return word.find("=?") != word.npos;
}

/// The words of a free text that can't be sent as encoded words, all others as they are.
class FreeTextEncoder {
 public:
  /// @param eight_bit encode words that are not ASCII
  /// @param endless encode words that no line has room for
  FreeTextEncoder(std::string_view field, bool eight_bit, bool endless)
      : eight_bit_(eight_bit), endless_(endless), colon_(field.find(':') + 1), out_(field.substr(0, colon_)) {
    rest_ = field.substr(colon_);
  }

  std::string Encode() {
    while (!rest_.empty()) Next();
    return std::move(out_);
  }

 private:
  // What looks encoded already would become something else.
  [[nodiscard]] bool NeedsIt(std::string_view word) const noexcept {
    return (eight_bit_ && !IsAscii(word)) ||
           (endless_ && word.size() >= TextSurvey::kMaxLine && !LooksEncoded(word));
  }

  // A run of words that all need it, with what is between them; folding there goes.
  [[nodiscard]] std::string_view FindRun(std::string_view text) const noexcept {
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto word_end = std::min(text.find_first_of(kFieldBlanks, at), text.size());
      if (!NeedsIt(text.substr(at, word_end - at))) break;
      end = word_end;
      at = std::min(text.find_first_not_of(kFieldBlanks, word_end), text.size());
    }
    return text.substr(0, end);
  }

  void Next() {
    const auto blanks = rest_.substr(0, std::min(rest_.find_first_not_of(kFieldBlanks), rest_.size()));
    rest_.remove_prefix(blanks.size());
    const auto run = FindRun(rest_);
    if (!run.empty()) return Put(blanks, run);
    const auto word = rest_.substr(0, rest_.find_first_of(kFieldBlanks));
    after_encoded_ = LooksEncoded(word);
    out_.append(blanks).append(word);
    rest_.remove_prefix(word.size());
  }

  void Put(std::string_view blanks, std::string_view run) {
    rest_.remove_prefix(run.size());
    // Readers drop white space between two encoded words: what belongs to the text is encoded with them.
    auto text = (after_encoded_ ? WithoutLineEnds(blanks) : "") + WithoutLineEnds(run);
    const auto next = std::min(rest_.find_first_not_of(kFieldBlanks), rest_.size());
    if (LooksEncoded(rest_.substr(next, rest_.find_first_of(kFieldBlanks, next) - next)))
      text += WithoutLineEnds(rest_.substr(0, next));
    const auto words = EncodeWords(text);
    const auto first = std::min(words.find('\n'), words.size());
    const bool fold = ColumnOf(out_) + blanks.size() + first > kWidth && ColumnOf(out_) > colon_;
    if (fold && !blanks.empty() && blanks.find('\n') == blanks.npos) out_ += '\n';
    out_.append(blanks).append(words);
    after_encoded_ = false;
  }

  const bool eight_bit_;
  const bool endless_;
  const std::size_t colon_;
  std::string_view rest_;
  std::string out_;
  bool after_encoded_ = false;  // what out_ ends with came as an encoded word
};

// A run of words outside of ASCII, with what is between them; folding there goes.
std::string_view TakeRun(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto word_end = std::min(text.find_first_of(kFieldBlanks, at), text.size());
    if (IsAscii(text.substr(at, word_end - at))) break;
    end = word_end;
    at = std::min(text.find_first_not_of(kFieldBlanks, word_end), text.size());
  }
  return text.substr(0, end);
}

/// The display names and comments of a field with addresses as encoded words, all else as it is.
class PhraseEncoder {
 public:
  explicit PhraseEncoder(std::string_view field) : rest_(field) {}

  std::string Encode() {
    Copy(rest_.find(':') + 1);
    while (!rest_.empty()) Next();
    return std::move(out_);
  }

 private:
  void Next() {
    switch (rest_[0]) {
      case '"':
        return Quoted();
      case '(':
        return Comment();
      case '<':
        return Copy(rest_.find('>'));
      default:
        return Atoms();
    }
  }

  void Quoted() {
    std::string text;
    std::size_t end = 1;
    for (; end < rest_.size() && rest_[end] != '"'; ++end) {
      if (rest_[end] == '\\' && end + 1 < rest_.size()) ++end;
      text += rest_[end];
    }
    if (IsAscii(text) || rest_.substr(std::min(end + 1, rest_.size())).starts_with('@')) return Copy(end + 1);
    Put(WithoutLineEnds(text), end + 1);
  }

  void Comment() {
    const auto end = rest_.find_first_of("()", 1);
    if (end == rest_.npos || rest_[end] == '(' || IsAscii(rest_.substr(0, end))) return Copy(1);
    const auto text = WithoutLineEnds(rest_.substr(1, end - 1));
    out_ += '(';
    Put(text, end);
  }

  // Words of a phrase; with an "@" they are part of an address.
  void Atoms() {
    const auto run = TakeRun(rest_.substr(0, rest_.find_first_of("<>\"(),:;@")));
    const bool address = out_.ends_with('@') || rest_.substr(run.size()).starts_with('@');
    if (!run.empty() && !address) return Put(WithoutLineEnds(run), run.size());
    Copy(std::max<std::size_t>(1, rest_.find_first_of(" \t\r\n<>\"(),:;@")));
  }

  void Put(const std::string& text, std::size_t size) {
    out_ += EncodeWords(text);
    rest_.remove_prefix(std::min(size, rest_.size()));
    if (rest_.starts_with('<')) out_ += ' ';
  }

  void Copy(std::size_t size) {
    out_ += rest_.substr(0, size);
    rest_.remove_prefix(std::min(size, rest_.size()));
  }

  std::string_view rest_;
  std::string out_;
};

}  // namespace

std::string ConvertField(std::string_view field, bool seven_bit) {
  const auto name = field.substr(0, FieldNameSize(field));
  if (name.empty()) return std::string(field);
  if (!HoldsAddresses(name))
    return FoldField(FreeTextEncoder(field, seven_bit && IsFreeText(name), JoinsWords(name)).Encode());
  return FoldField(seven_bit && !IsAscii(field) ? PhraseEncoder(field).Encode() : std::string(field));
}

}  // namespace mail
