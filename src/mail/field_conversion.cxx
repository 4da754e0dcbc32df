// SPDX-License-Identifier: BSD-2-Clause
#include "mail/field_conversion.hxx"

#include "base/text.hxx"
#include "base/utf8.hxx"
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

// Fields whose bodies are not free text, in lower case; all those that begin with one that ends in a hyphen.
constexpr auto kStructured = std::to_array<std::string_view>({"arc-",
                                                              "authentication-results",
                                                              "auto-submitted",
                                                              "bcc",
                                                              "cc",
                                                              "content-",
                                                              "date",
                                                              "delivered-to",
                                                              "disposition-notification-",
                                                              "dkim-signature",
                                                              "domainkey-signature",
                                                              "errors-to",
                                                              "from",
                                                              "in-reply-to",
                                                              "list-",
                                                              "mail-followup-to",
                                                              "mail-reply-to",
                                                              "message-id",
                                                              "mime-version",
                                                              "original-recipient",
                                                              "received",
                                                              "received-spf",
                                                              "references",
                                                              "reply-to",
                                                              "resent-",
                                                              "return-path",
                                                              "return-receipt-to",
                                                              "sender",
                                                              "to"});

bool IsEightBit(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x80;
}

bool HasEightBit(std::string_view text) noexcept {
  return std::ranges::any_of(text, IsEightBit);
}

constexpr auto kAddresses = std::to_array<std::string_view>({"bcc", "cc", "from", "reply-to", "resent-bcc",
                                                             "resent-cc", "resent-from", "resent-reply-to",
                                                             "resent-sender", "resent-to", "sender", "to"});

bool HoldsAddresses(std::string_view name) {
  return std::ranges::find(kAddresses, ToLower(name)) != kAddresses.end();
}

bool IsFreeText(std::string_view name) {
  const auto lower = ToLower(name);
  if (lower == "content-description") return true;
  return std::ranges::none_of(kStructured, [&](std::string_view known) {
    return known.ends_with('-') ? lower.starts_with(known) : lower == known;
  });
}

std::string ReplaceControls(std::string_view field) {
  std::string text(field);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool bare_cr = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (bare_cr || text[i] == '\0') text[i] = ' ';
  }
  return text;
}

// A run of words that all need it, with what is between them; folding there goes.
std::string_view TakeRun(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto word_end = std::min(text.find_first_of(kFieldBlanks, at), text.size());
    if (!HasEightBit(text.substr(at, word_end - at))) break;
    end = word_end;
    at = std::min(text.find_first_not_of(kFieldBlanks, word_end), text.size());
  }
  return text.substr(0, end);
}

std::string WithoutLineEnds(std::string_view text) {
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == '\r' || c == '\n'; });
  return plain;
}

std::size_t ColumnOf(std::string_view text) noexcept {
  const auto line = text.rfind('\n');
  return line == text.npos ? text.size() : text.size() - line - 1;
}

// Words outside of ASCII become encoded words, all others stay.
std::string EncodeFreeText(std::string_view field) {
  const auto colon = field.find(':') + 1;
  std::string encoded(field.substr(0, colon));
  field.remove_prefix(colon);
  while (!field.empty()) {
    const auto blanks = std::min(field.find_first_not_of(kFieldBlanks), field.size());
    const auto run = TakeRun(field.substr(blanks));
    if (run.empty()) {
      const auto end = std::min(field.find_first_of(kFieldBlanks, blanks), field.size());
      encoded += field.substr(0, end);
      field.remove_prefix(end);
      continue;
    }
    const auto words = EncodeWords(WithoutLineEnds(run));
    const auto first = std::min(words.find('\n'), words.size());
    const bool fold = ColumnOf(encoded) + blanks + first > kWidth && ColumnOf(encoded) > colon;
    if (fold && blanks > 0 && field.substr(0, blanks).find('\n') == field.npos) encoded += '\n';
    encoded += field.substr(0, blanks);
    encoded += words;
    field.remove_prefix(blanks + run.size());
  }
  return encoded;
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
    if (!HasEightBit(text) || rest_.substr(std::min(end + 1, rest_.size())).starts_with('@'))
      return Copy(end + 1);
    Put(WithoutLineEnds(text), end + 1);
  }

  void Comment() {
    const auto end = rest_.find_first_of("()", 1);
    if (end == rest_.npos || rest_[end] == '(' || !HasEightBit(rest_.substr(0, end))) return Copy(1);
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

// Where to fold a line that is too long: before white space that follows something else; if there is none,
// between two characters.
std::size_t FoldAt(std::string_view line) noexcept {
  const auto begin = line.find_first_not_of(" \t");
  const auto blank = line.find_last_of(" \t", TextSurvey::kMaxLine);
  if (blank != line.npos && begin != line.npos && blank > begin) return blank;
  auto cut = TextSurvey::kMaxLine;
  while (cut > TextSurvey::kMaxLine - 3 && IsUtf8Continuation(line[cut])) --cut;
  return cut;
}

std::string Fold(std::string_view field) {
  std::string folded;
  while (!field.empty()) {
    const auto end = std::min(field.find('\n'), field.size() - 1) + 1;
    std::string line(field.substr(0, end));
    field.remove_prefix(end);
    while (line.find_last_not_of("\r\n") + 1 > TextSurvey::kMaxLine) {
      const auto at = FoldAt(line);
      folded += line.substr(0, at) + '\n';
      const bool blank = line[at] == ' ' || line[at] == '\t';
      line = (blank ? "" : " ") + line.substr(at);
    }
    folded += line;
  }
  return folded;
}

}  // namespace

std::string ConvertField(std::string_view field, bool seven_bit) {
  auto converted = ReplaceControls(field);
  const std::string_view name(converted.data(), FieldNameSize(converted));
  if (seven_bit && !name.empty() && HasEightBit(converted)) {
    if (HoldsAddresses(name))
      converted = PhraseEncoder(converted).Encode();
    else if (IsFreeText(name))
      converted = EncodeFreeText(converted);
  }
  return Fold(converted);
}

}  // namespace mail
