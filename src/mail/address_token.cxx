// SPDX-License-Identifier: BSD-2-Clause
#include "mail/address_token.hxx"

#include <algorithm>

namespace mail {

namespace {

constexpr std::string_view kSpace = " \t\r\n";
// RFC 2047 allows 75; what is written without folding is longer. A bound, so that a list of a million "=?"
// takes linear time.
constexpr std::size_t kMaxCandidate = 1000;
constexpr std::string_view kTokenEnds = ",;:<>@.)]";
constexpr std::string_view kEndOfWord = " \t\r\n,;:<>@.)]\"([";

// Control characters count as atom characters here: Address::Parse refuses the address as a whole.
bool IsDotAtom(std::string_view text) noexcept {
  return !text.empty() && text.find_first_of(" \t,;:<>@\"()[]\\") == text.npos;
}

std::string QuotedString(std::string_view content) {
  std::string quoted = "\"";
  for (const char c : content) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string ToLocalPart(std::string_view name) {
  return IsDotAtom(name) ? std::string(name) : QuotedString(name);
}

// For something that isn't ended: a blank is never part of an address.
AddressToken AddressTokenReader::TakeRest(std::size_t begin) {
  at_ = text_.size();
  return {AddressToken::Kind::Quoted, " ", begin, at_};
}

std::optional<AddressToken> AddressTokenReader::Next() {
  SkipSpaceAndComments();
  if (at_ == text_.size()) return std::nullopt;
  if (text_[at_] == '"') return ReadQuoted();
  if (text_[at_] == '[') return ReadLiteral();
  if (kTokenEnds.find(text_[at_]) == kTokenEnds.npos) return ReadWord();
  AddressToken token{AddressToken::Kind::Special, {text_[at_]}, at_, at_ + 1};
  ++at_;
  return token;
}

void AddressTokenReader::SkipSpaceAndComments() noexcept {
  while (at_ < text_.size()) {
    if (text_[at_] == '(')
      SkipComment();
    else if (kSpace.find(text_[at_]) != kSpace.npos)
      ++at_;
    else
      return;
  }
}

void AddressTokenReader::SkipComment() noexcept {
  std::size_t depth = 0;
  for (; at_ < text_.size(); ++at_) {
    if (text_[at_] == '\\')
      at_ = std::min(at_ + 1, text_.size() - 1);
    else if (text_[at_] == '(')
      ++depth;
    else if (text_[at_] == ')' && --depth == 0)
      break;
  }
  at_ = std::min(at_ + 1, text_.size());
}

AddressToken AddressTokenReader::ReadQuoted() {
  AddressToken token{AddressToken::Kind::Quoted, {}, at_, 0};
  bool closed = false;
  for (++at_; at_ < text_.size() && !closed; ++at_) {
    if (text_[at_] == '"')
      closed = true;
    else if (text_[at_] == '\\' && at_ + 1 < text_.size())
      token.text += text_[++at_];
    else if (text_[at_] != '\r' && text_[at_] != '\n')
      token.text += text_[at_];
  }
  token.end = at_;
  if (!closed) return TakeRest(token.begin);
  if (IsDotAtom(token.text))
    token.kind = AddressToken::Kind::Word;
  else
    token.text = QuotedString(token.text);
  return token;
}

AddressToken AddressTokenReader::ReadLiteral() {
  const auto close = text_.find(']', at_);
  if (close == text_.npos) return TakeRest(at_);
  const auto end = close + 1;
  AddressToken token{AddressToken::Kind::Literal, std::string(text_.substr(at_, end - at_)), at_, end};
  std::erase_if(token.text, [](char c) { return kSpace.find(c) != kSpace.npos; });
  at_ = end;
  return token;
}

AddressToken AddressTokenReader::ReadWord() {
  AddressToken token{AddressToken::Kind::Word, {}, at_, 0};
  if (const auto end = EncodedWordEnd()) {
    token.text = text_.substr(at_, end - at_);
    at_ = end;
  }
  bool is_name = true;
  for (; at_ < text_.size() && kEndOfWord.find(text_[at_]) == kEndOfWord.npos; ++at_) {
    if (text_[at_] == '\\') {
      // obs-qp: "\bob" is bob. Anywhere else it belongs to a name such as "AD\alice", and not to ADalice.
      is_name = is_name && at_ == token.begin;
      if (++at_ == text_.size()) return TakeRest(token.begin);
    }
    token.text += text_[at_];
  }
  if (!is_name) return {AddressToken::Kind::Quoted, " ", token.begin, at_};
  if (!IsDotAtom(token.text)) token = {AddressToken::Kind::Quoted, QuotedString(token.text), token.begin, 0};
  token.end = at_;
  return token;
}

// An encoded word (RFC 2047) is one token even where its text has specials in it, as some mailers write it.
std::size_t AddressTokenReader::EncodedWordEnd() const noexcept {
  auto word = text_.substr(at_, kMaxCandidate);
  if (!word.starts_with("=?")) return 0;
  word = word.substr(0, word.find_first_of(kSpace));
  const auto encoding = word.find('?', 2);
  if (encoding == word.npos) return 0;
  const auto content = word.find('?', encoding + 1);
  if (content == word.npos) return 0;
  const auto end = word.find("?=", content + 1);
  return end == word.npos ? 0 : at_ + end + 2;
}

}  // namespace mail
