// SPDX-License-Identifier: BSD-2-Clause
#include "mail/address_list.hxx"

#include "base/text.hxx"
#include "mail/address.hxx"
#include "mail/address_token.hxx"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace mail {

namespace {

using Kind = AddressToken::Kind;

// The tokens between two separators, and what of the text they came from.
struct Entry {
  std::vector<AddressToken> tokens;
  std::size_t begin = 0;
  std::size_t end = 0;
};

using Tokens = std::vector<AddressToken>;
using Range = std::pair<Tokens::const_iterator, Tokens::const_iterator>;

auto FindSpecial(Range range, char special) {
  return std::find_if(range.first, range.second,
                      [special](const AddressToken& token) { return token.Is(special); });
}

// What stands between angle brackets, or everything if there are none.
Range AddressPart(const Tokens& tokens) {
  const Range all(tokens.begin(), tokens.end());
  const auto open = FindSpecial(all, '<');
  if (open == all.second) return all;
  Range inner(open + 1, FindSpecial({open + 1, all.second}, '>'));
  const bool has_route = inner.first != inner.second && inner.first->Is('@');
  const auto colon = FindSpecial(inner, ':');
  if (has_route && colon != inner.second) inner.first = colon + 1;
  return inner;
}

// Words joined by dots; two words with nothing between them are no address ("John Smith").
std::optional<std::string> Join(Range range) {
  std::string text;
  bool after_word = false;
  for (auto token = range.first; token != range.second; ++token) {
    const bool is_dot = token->Is('.');
    if (!is_dot && (token->kind == Kind::Special || after_word)) return std::nullopt;
    text += token->text;
    after_word = !is_dot;
  }
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::string> JoinLocal(Range range) {
  const bool literal =
      std::any_of(range.first, range.second, [](const auto& t) { return t.kind == Kind::Literal; });
  return literal ? std::nullopt : Join(range);
}

std::optional<std::string> JoinDomain(Range range) {
  const bool quoted =
      std::any_of(range.first, range.second, [](const auto& t) { return t.kind == Kind::Quoted; });
  return quoted ? std::nullopt : Join(range);
}

std::optional<Mailbox> MakeMailbox(Range range) {
  const auto at = FindSpecial(range, '@');
  auto address = JoinLocal({range.first, at});
  if (!address) return std::nullopt;
  Mailbox mailbox{*address, (at - 1)->end, at != range.second, range.first->begin};
  if (mailbox.qualified) {
    const auto domain = JoinDomain({at + 1, range.second});
    if (!domain) return std::nullopt;
    mailbox.address += "@" + *domain;
    mailbox.domain_begin = (at + 1)->begin;
    mailbox.domain_end = (range.second - 1)->end;
  }
  const auto parsed = Address::Parse(mailbox.address);
  if (!parsed) return std::nullopt;
  mailbox.address = parsed->ToString();
  return mailbox;
}

// White space becomes a single blank: an entry that was folded is to be shown.
std::string OnOneLine(std::string_view text) {
  std::string line;
  for (const char c : Trim(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank || !line.ends_with(' ')) line += blank ? ' ' : c;
  }
  return line;
}

// As login names are: what begins with a capital may be part of a person's name.
bool IsPlainName(std::string_view text) noexcept {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && is_lower(text[0]) && std::ranges::all_of(text, [&](char c) {
    return is_lower(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

Tokens ReadTokens(std::string_view text) {
  std::vector<AddressToken> tokens;
  AddressTokenReader reader(text);
  while (auto token = reader.Next()) tokens.push_back(std::move(*token));
  return tokens;
}

/// Reads the words of an entry, each as an address of its own.
class WordSplitter {
 public:
  /// @param text of which @p begin to @p end is the entry
  WordSplitter(std::string_view text, std::size_t begin, std::size_t end) noexcept
      : text_(text.substr(0, end)), at_(begin) {}

  /// Empty if the entry is anything else than addresses and plain names.
  std::vector<Mailbox> Split() {
    std::vector<Mailbox> mailboxes;
    bool is_address_list = false;
    for (auto word = NextWord(); !word.empty(); word = NextWord()) {
      auto mailbox = ParseWord(word);
      if (!mailbox) return {};
      is_address_list = is_address_list || mailbox->qualified;
      if (!mailboxes.empty()) mailboxes.back().lacks_comma = true;
      mailboxes.push_back(std::move(*mailbox));
    }
    if (!is_address_list) mailboxes.clear();
    return mailboxes;
  }

 private:
  static constexpr std::string_view kWhiteSpace = " \t\r\n";

  std::string_view NextWord() noexcept {
    at_ = std::min(text_.find_first_not_of(kWhiteSpace, at_), text_.size());
    const auto word = text_.substr(at_, text_.find_first_of(kWhiteSpace, at_) - at_);
    at_ += word.size();
    return word;
  }

  [[nodiscard]] std::optional<Mailbox> ParseWord(std::string_view word) const {
    if (word.find_first_of("\"()<>\\") != word.npos) return std::nullopt;
    auto mailbox = MakeMailbox(AddressPart(ReadTokens(word)));
    if (!mailbox || (!mailbox->qualified && !IsPlainName(word))) return std::nullopt;
    const auto offset = at_ - word.size();
    for (auto* position :
         {&mailbox->local_begin, &mailbox->local_end, &mailbox->domain_begin, &mailbox->domain_end})
      *position += offset;
    return mailbox;
  }

  const std::string_view text_;
  std::size_t at_;
};

class Parser {
 public:
  Parser(std::string_view text, Blanks blanks) : text_(text), blanks_(blanks), reader_(text) {}

  AddressList Parse() {
    while (auto token = reader_.Next()) {
      const bool separates = token->Is(',') || token->Is(';');
      if (token->Is('<') || token->Is('>')) in_angle_ = token->Is('<');
      if (token->Is('<')) angle_ = entry_.tokens.size();
      if (separates && (!in_angle_ || MayAngleEnd()))
        Close(token->begin, token->end, token->Is(';'));
      else if (!in_angle_ && token->Is(':') && OpensGroup())
        Open(token->end);
      else
        entry_.tokens.push_back(std::move(*token));
    }
    Close(text_.size(), text_.size(), true);
    return std::move(list_);
  }

 private:
  // A separator has a place between angle brackets in a route alone (RFC 5322 section 4.4), which begins with
  // "@": elsewhere the ">" is missing.
  bool MayAngleEnd() const { return angle_ + 1 < entry_.tokens.size() && !entry_.tokens[angle_ + 1].Is('@'); }

  // The name of a group is a phrase: words, and dots by RFC 5322 section 4.1.
  bool OpensGroup() const {
    return !in_group_ && !entry_.tokens.empty() && std::ranges::all_of(entry_.tokens, [](const auto& t) {
      return t.kind != Kind::Special || t.Is('.');
    });
  }

  void Open(std::size_t next) {
    in_group_ = true;
    Begin(next);
  }

  void Begin(std::size_t next) {
    entry_ = {};
    entry_.begin = next;
    in_angle_ = false;
  }

  void Close(std::size_t end, std::size_t next, bool closes_group) {
    if (!entry_.tokens.empty()) Take(end);
    if (closes_group) in_group_ = false;
    Begin(next);
  }

  void Take(std::size_t end) {
    if (auto mailbox = MakeMailbox(AddressPart(entry_.tokens))) {
      list_.mailboxes.push_back(std::move(*mailbox));
      return;
    }
    if (blanks_ == Blanks::Separate) {
      auto mailboxes = WordSplitter(text_, entry_.begin, end).Split();
      std::ranges::move(mailboxes, std::back_inserter(list_.mailboxes));
      if (!mailboxes.empty()) return;
    }
    list_.malformed.push_back(OnOneLine(text_.substr(entry_.begin, end - entry_.begin)));
  }

  std::string_view text_;
  Blanks blanks_;
  AddressTokenReader reader_;
  Entry entry_;
  bool in_angle_ = false;
  std::size_t angle_ = 0;  // the place of its "<" in entry_
  bool in_group_ = false;
  AddressList list_;
};

}  // namespace

AddressList ParseAddressList(std::string_view text, Blanks blanks) {
  return Parser(text, blanks).Parse();
}

AddressList ParseAddressOperand(std::string_view text) {
  const auto local = text.substr(0, text.rfind('@'));
  const bool may_have_comments = text.find_first_of("<>\",:; \t\r\n") != text.npos;
  if (!may_have_comments && local.find_first_of("()") != local.npos) return {{}, {std::string(text)}};
  return ParseAddressList(text, Blanks::Separate);
}

std::string QualifyAddressList(std::string_view text, std::string_view domain, Blanks blanks) {
  std::string qualified;
  std::size_t copied = 0;
  const auto insert = [&](std::size_t at, std::string_view what) {
    qualified.append(text.substr(copied, at - copied)).append(what);
    copied = at;
  };
  for (const auto& mailbox : ParseAddressList(text, blanks).mailboxes) {
    if (!mailbox.qualified) insert(mailbox.local_end, "@" + std::string(domain));
    if (mailbox.lacks_comma) insert(mailbox.qualified ? mailbox.domain_end : mailbox.local_end, ",");
  }
  return qualified.append(text.substr(copied));
}

}  // namespace mail
