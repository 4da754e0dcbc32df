// SPDX-License-Identifier: BSD-2-Clause
#include "mail/address_list.hxx"

#include "base/text.hxx"
#include "mail/address.hxx"
#include "mail/address_token.hxx"

#include <algorithm>
#include <optional>

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
  if (!Address::Parse(mailbox.address)) return std::nullopt;
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

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), reader_(text) {}

  AddressList Parse() {
    bool in_angle = false;
    while (auto token = reader_.Next()) {
      in_angle = token->Is('<') || (in_angle && !token->Is('>'));
      if (!in_angle && (token->Is(',') || token->Is(';')))
        Close(token->begin, token->end, token->Is(';'));
      else if (!in_angle && token->Is(':') && OpensGroup())
        Open(token->end);
      else
        entry_.tokens.push_back(std::move(*token));
    }
    Close(text_.size(), text_.size(), true);
    return std::move(list_);
  }

 private:
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
  }

  void Close(std::size_t end, std::size_t next, bool closes_group) {
    if (!entry_.tokens.empty()) {
      if (auto mailbox = MakeMailbox(AddressPart(entry_.tokens)))
        list_.mailboxes.push_back(std::move(*mailbox));
      else
        list_.malformed.push_back(OnOneLine(text_.substr(entry_.begin, end - entry_.begin)));
    }
    if (closes_group) in_group_ = false;
    Begin(next);
  }

  std::string_view text_;
  AddressTokenReader reader_;
  Entry entry_;
  bool in_group_ = false;
  AddressList list_;
};

}  // namespace

AddressList ParseAddressList(std::string_view text) {
  return Parser(text).Parse();
}

AddressList ParseAddressOperand(std::string_view text) {
  const auto at = std::min(text.rfind('@'), text.size());
  const auto local = text.substr(0, at);
  const bool is_list = text.find_first_of("<>\",:\\ \t\r\n") != text.npos;
  const bool has_marks = local.find_first_of(";()") != local.npos;
  if (is_list || !has_marks || text.find_first_of(";()", at) != text.npos) return ParseAddressList(text);
  return ParseAddressList(ToLocalPart(local) + std::string(text.substr(at)));
}

std::string QualifyAddressList(std::string_view text, std::string_view domain) {
  std::string qualified;
  std::size_t copied = 0;
  for (const auto& mailbox : ParseAddressList(text).mailboxes) {
    if (mailbox.qualified) continue;
    qualified.append(text.substr(copied, mailbox.local_end - copied)).append("@").append(domain);
    copied = mailbox.local_end;
  }
  return qualified.append(text.substr(copied));
}

}  // namespace mail
