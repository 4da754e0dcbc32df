// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.hxx"
#include "base/utf8.hxx"
#include "mail/address.hxx"
#include "mail/address_list.hxx"
#include "mail/address_token.hxx"
#include "mail/command_word.hxx"
#include "mail/destination.hxx"
#include "mail/logical_line.hxx"

#include <algorithm>

namespace mail {

namespace {

using EntryKind = Destination::Kind;

constexpr std::string_view kEntryBlanks = " \t";
constexpr std::string_view kInclude = ":include:";
constexpr std::string_view kError = "error:";
constexpr std::string_view kMaildir = "maildir:";
constexpr std::string_view kMbox = "mbox:";

// Items of Exim's lists that stand for one of ours.
struct Special {
  std::string_view mark;
  EntryKind kind;
  std::string_view text;  ///< of the entry; a refusal's own text follows it
  bool takes_text;        ///< up to the end of the line, commas included
};
constexpr Special kSpecialItems[] = {
    {":fail:", EntryKind::Error, "5.1.1", true},
    {":defer:", EntryKind::Error, "4.3.0", true},
    {":unknown:", EntryKind::Error, "5.1.1 no user of that name on this machine", false},
    {":blackhole:", EntryKind::File, "/dev/null", false},
};

// The first line of a file that is no list, behind "#" and blanks: Exim's filter(5), and Sieve (RFC 5228).
constexpr std::string_view kFilters[] = {"exim filter", "sieve filter"};

bool IsBlank(char c) noexcept {
  return kEntryBlanks.find(c) != kEntryBlanks.npos;
}

bool IsPath(std::string_view text) noexcept {
  return text.starts_with('/') || text.starts_with("~/");
}

// What an entry that begins with @p text is, and what of its beginning says so; Address for all the rest.
struct Head {
  EntryKind kind = EntryKind::Address;
  std::size_t length = 0;
  bool is_maildir = false;

  /// The text of the entry, where @p content is what stands behind the head.
  [[nodiscard]] std::string Complete(std::string content) const {
    if (is_maildir && !content.ends_with('/')) content += '/';
    return content;
  }
};

Head HeadOf(std::string_view text) noexcept {
  if (text.starts_with('|')) return {EntryKind::Command, 1};
  if (text.starts_with('\\') || text.starts_with('!')) return {EntryKind::User, 1};
  if (IsPath(text)) return {EntryKind::File, 0};
  for (const std::string_view form : {kMaildir, kMbox})
    if (StartsWithIgnoreCase(text, form) && IsPath(text.substr(form.size())))
      return {EntryKind::File, form.size(), form == kMaildir};
  if (StartsWithIgnoreCase(text, kInclude)) return {EntryKind::Include, kInclude.size()};
  if (StartsWithIgnoreCase(text, kError)) return {EntryKind::Error, kError.size()};
  return {};
}

// The special item that @p text begins with; null: none that is known.
const Special* SpecialOf(std::string_view text) noexcept {
  const auto* const found = std::ranges::find_if(
      kSpecialItems, [text](const Special& special) { return StartsWithIgnoreCase(text, special.mark); });
  return found == std::end(kSpecialItems) ? nullptr : found;
}

std::string TextOf(const Special& special, std::string_view rest) {
  std::string text(special.text);
  if (!rest.empty()) text.append(" ").append(rest);
  return text;
}

bool IsFilter(std::string_view text) noexcept {
  if (!text.starts_with('#')) return false;
  const auto words = Trim(text.substr(1));
  return std::ranges::any_of(kFilters, [words](auto filter) { return StartsWithIgnoreCase(words, filter); });
}

// Behind the double quote that closes the one at @p at; npos if there is none.
std::size_t EndOfQuotes(std::string_view text, std::size_t at) noexcept {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return text.npos;
}

// Behind the parenthesis that closes the comment at @p at (RFC 5322 section 3.2.2); npos if there is none.
std::size_t EndOfComment(std::string_view text, std::size_t at) noexcept {
  for (std::size_t depth = 0; at < text.size(); ++at) {
    if (text[at] == '(') ++depth;
    if (text[at] == ')' && --depth == 0) return at + 1;
    if (text[at] == '\\') ++at;
  }
  return text.npos;
}

// Behind the bracket that closes the one at @p at; npos if there is none.
std::size_t EndOfAngle(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && text[at] != '>') at = text[at] == '"' ? EndOfQuotes(text, at) : at + 1;
  return at < text.size() ? at + 1 : text.npos;
}

// Behind the word at @p at: a blank or comma outside of quotes, or for a part of an address outside of
// comments and angle brackets as well. npos if one of these is not closed.
std::size_t EndOfWord(std::string_view text, std::size_t at, bool of_address) noexcept {
  while (at < text.size() && !IsBlank(text[at]) && text[at] != ',') {
    if (text[at] == '"')
      at = EndOfQuotes(text, at);
    else if (of_address && text[at] == '(')
      at = EndOfComment(text, at);
    else if (of_address && text[at] == '<')
      at = EndOfAngle(text, at);
    else
      ++at;
  }
  return at;
}

bool IsQuotedWhole(std::string_view word) noexcept {
  return word.starts_with('"') && EndOfQuotes(word, 0) == word.size();
}

std::string WithoutQuotes(std::string_view word) {
  std::string text;
  bool quoted = false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '"')
      quoted = !quoted;
    else if (quoted && word[i] == '\\' && i + 1 < word.size())
      text += word[++i];
    else
      text += word[i];
  }
  return text;
}

// The text behind "|" or "error:", where the quotes of "|"/cmd args"" stand for those of the entry.
std::string WithoutOuterQuotes(std::string_view text) {
  return IsQuotedWhole(text) ? WithoutQuotes(text) : std::string(text);
}

bool HasAngle(std::string_view word) noexcept {
  std::size_t at = 0;
  while (at < word.size() && word[at] != '<') at = word[at] == '"' ? EndOfQuotes(word, at) : at + 1;
  return at < word.size();
}

// Colons and semicolons make groups of a header field (RFC 5322 section 3.4).
bool HasToken(std::string_view text, char c) {
  AddressTokenReader reader(text);
  while (const auto token = reader.Next())
    if (token->Is(c)) return true;
  return false;
}

constexpr std::string_view kUnknownItem =
    "is not known here, and nothing of its line is used; write error:TEXT for a refusal, /dev/null to throw "
    "mail away";

// A colon is most likely the left side of an alias.
constexpr std::string_view kColon =
    "is no address; colons have no place here, and nothing of its line is used";

// A word that may be part of the name in front of <address>.
bool MayBeInName(std::string_view word) noexcept {
  if (IsQuotedWhole(word)) return HeadOf(word.substr(1)).kind == EntryKind::Address;
  return word.find('@') == word.npos;
}

class LineParser {
 public:
  LineParser(const LogicalLine& line, DestinationList& list)
      : line_(line), text_(line_.Text()), list_(list) {}

  /// @return false if the list has reached one of its limits
  [[nodiscard]] bool Parse();

 private:
  [[nodiscard]] bool FindEntry();
  [[nodiscard]] bool AtSpecial() const noexcept;
  [[nodiscard]] bool EndsAt(std::size_t at) const noexcept;
  [[nodiscard]] bool AtRemark() const noexcept;
  void SkipComment();
  void ReadEntry();
  void ReadWord(Head head);
  void ReadCommand();
  void ReadError();
  void ReadSpecial();
  void ReadNames();
  [[nodiscard]] bool GoOnToName(std::size_t first);
  void AddNames(const std::vector<std::string_view>& words);
  void AddQuoted(std::string_view word);

  void Add(EntryKind kind, std::string_view entry, std::string text);
  void AddUser(std::string_view entry, std::string name);
  void AddCommand(std::string_view entry, std::string line);
  void AddAddress(std::string_view entry, std::string_view text);
  void Push(EntryKind kind, std::string_view entry, std::string text);
  void Fault(std::string_view entry, std::string_view what, bool waits = false);
  void FaultOfRest(std::size_t begin, std::string_view what);
  void FaultOfLine(std::string_view entry, std::string_view what);
  [[nodiscard]] unsigned NumberOf(std::string_view entry) const noexcept;

  JoinedLine line_;
  std::string_view text_;
  DestinationList& list_;
  std::size_t at_ = 0;
  bool full_ = false;
  bool is_void_ = false;                      ///< the line has an item that is not known
  std::size_t first_ = list_.entries.size();  ///< entry of the line
};

bool LineParser::Parse() {
  while (!full_ && !is_void_ && FindEntry()) ReadEntry();
  return !full_;
}

// "#" begins a remark up to the end of its line in the file; the line below may still continue this one.
bool LineParser::AtRemark() const noexcept {
  if (text_[at_] != '#') return false;
  return at_ == 0 || IsBlank(text_[at_ - 1]);
}

bool LineParser::FindEntry() {
  while (at_ < text_.size()) {
    if (IsBlank(text_[at_]) || text_[at_] == ',')
      ++at_;
    else if (AtRemark())
      at_ = line_.EndOfLineAt(at_);
    else if (text_[at_] == '(')
      SkipComment();
    else
      return true;
  }
  return false;
}

void LineParser::SkipComment() {
  const auto end = EndOfComment(text_, at_);
  if (end == text_.npos) return FaultOfRest(at_, "has a parenthesis that is not closed");
  at_ = end;
}

// ":include:" aside, which HeadOf knows.
bool LineParser::AtSpecial() const noexcept {
  return text_[at_] == ':' && HeadOf(text_.substr(at_)).kind == EntryKind::Address;
}

void LineParser::ReadEntry() {
  if (AtSpecial()) return ReadSpecial();
  const auto head = HeadOf(text_.substr(at_));
  switch (head.kind) {
    case EntryKind::Command:
      return ReadCommand();
    case EntryKind::Error:
      return ReadError();
    case EntryKind::Address:
      return ReadNames();
    default:
      return ReadWord(head);
  }
}

// A path, a user, or an included file: one word, the head included.
void LineParser::ReadWord(Head head) {
  const auto begin = at_;
  auto content = begin + head.length;
  if (head.kind == EntryKind::Include)
    content = std::min(text_.find_first_not_of(kEntryBlanks, content), text_.size());
  at_ = EndOfWord(text_, content, false);
  if (at_ == text_.npos) return FaultOfRest(begin, "has a double quote that is not closed");
  Add(head.kind, text_.substr(begin, at_ - begin),
      head.Complete(WithoutQuotes(text_.substr(content, at_ - content))));
}

void LineParser::ReadCommand() {
  const auto begin = at_;
  CommandWordReader reader(text_.substr(begin + 1), CommandWordReader::Until::Comma);
  while (reader.Next()) {
  }
  at_ = begin + 1 + reader.Offset();
  const auto entry = Trim(text_.substr(begin, at_ - begin));
  if (reader.Bad()) return Fault(entry, "has a quote or brace that is not closed", true);
  Add(EntryKind::Command, entry, WithoutOuterQuotes(Trim(entry.substr(1))));
}

void LineParser::ReadError() {
  const auto begin = at_;
  while (at_ < text_.size() && text_[at_] != ',') at_ = text_[at_] == '"' ? EndOfQuotes(text_, at_) : at_ + 1;
  if (at_ == text_.npos) return FaultOfRest(begin, "has a double quote that is not closed");
  const auto entry = Trim(text_.substr(begin, at_ - begin));
  Add(EntryKind::Error, entry, WithoutOuterQuotes(Trim(entry.substr(kError.size()))));
}

// Whether an entry may end there: no other word stands behind it.
bool LineParser::EndsAt(std::size_t at) const noexcept {
  const auto next = text_.find_first_not_of(kEntryBlanks, at);
  return next == text_.npos || text_[next] == ',' || (text_[next] == '#' && next > at);
}

void LineParser::ReadSpecial() {
  const auto begin = at_;
  const auto* const special = SpecialOf(text_.substr(begin));
  if (!special || (!special->takes_text && !EndsAt(begin + special->mark.size())))
    return FaultOfLine(Trim(text_.substr(begin)), kUnknownItem);
  at_ = special->takes_text ? text_.size() : begin + special->mark.size();
  const auto entry = Trim(text_.substr(begin, at_ - begin));
  Push(special->kind, entry, TextOf(*special, WithoutOuterQuotes(Trim(entry.substr(special->mark.size())))));
}

// Names and addresses. "alice bob" are two entries, but in "Alice Example <alice@example.org>" the words are
// part of the one: this shows when the bracket comes, or something that is no such word, or the line's end.
void LineParser::ReadNames() {
  const auto begin = at_;
  std::vector<std::string_view> words;
  do {
    const auto word_begin = at_;
    at_ = EndOfWord(text_, word_begin, true);
    if (at_ == text_.npos) {
      AddNames(words);
      return FaultOfRest(word_begin, "has a double quote, bracket or parenthesis that is not closed");
    }
    const auto word = text_.substr(word_begin, at_ - word_begin);
    if (HasAngle(word)) {
      const auto entry = text_.substr(begin, at_ - begin);
      return AddAddress(entry, entry);
    }
    words.push_back(word);
  } while (MayBeInName(words.back()) && GoOnToName(begin));
  AddNames(words);
}

// To the next word on the line if that may belong to the same entry as what begins at @p first.
bool LineParser::GoOnToName(std::size_t first) {
  const auto end = line_.EndOfLineAt(first);
  while (at_ < end && (IsBlank(text_[at_]) || text_[at_] == '(')) {
    const auto next = text_[at_] == '(' ? EndOfComment(text_, at_) : at_ + 1;
    if (next == text_.npos) return false;
    at_ = next;
  }
  if (at_ >= end || at_ - first > Destination::kMaxText || text_[at_] == ',' || AtRemark() || AtSpecial())
    return false;
  return HeadOf(text_.substr(at_)).kind == EntryKind::Address;
}

void LineParser::AddNames(const std::vector<std::string_view>& words) {
  for (const auto word : words) {
    if (full_ || is_void_) return;
    if (IsQuotedWhole(word))
      AddQuoted(word);
    else
      AddAddress(word, word);
  }
}

void LineParser::AddQuoted(std::string_view word) {
  const auto text = WithoutQuotes(word);
  if (text.empty()) return Fault(word, "is empty");
  const auto head = HeadOf(text);
  if (head.kind != EntryKind::Address) return Add(head.kind, word, head.Complete(text.substr(head.length)));
  if (const auto* const special = SpecialOf(text))
    return Push(special->kind, word,
                TextOf(*special, Trim(std::string_view(text).substr(special->mark.size()))));
  if (text.starts_with(':')) return FaultOfLine(word, kUnknownItem);
  const bool is_address = text.find_first_of("@<") != text.npos;
  AddAddress(word, is_address ? text : ToLocalPart(text));
}

void LineParser::Add(EntryKind kind, std::string_view entry, std::string text) {
  switch (kind) {
    case EntryKind::Address:
      return AddAddress(entry, text);
    case EntryKind::User:
      return AddUser(entry, std::move(text));
    case EntryKind::Command:
      return AddCommand(entry, std::string(Trim(text)));
    case EntryKind::File:
      return Push(kind, entry, std::move(text));
    case EntryKind::Include:
      text.erase(0, text.find_first_not_of(kEntryBlanks));
      if (!IsPath(text)) return Fault(entry, "names no file; write :include:/path, or ~/path");
      return Push(kind, entry, std::move(text));
    case EntryKind::Error:
      text = Trim(text);
      if (text.empty()) return Fault(entry, "has no text; write error: and the reason for the refusal");
      return Push(kind, entry, std::move(text));
    case EntryKind::Fault:
      return;  // nothing is written so
  }
}

void LineParser::AddUser(std::string_view entry, std::string name) {
  // A backslash in front of an address is a quoted pair (RFC 5322 section 4.1).
  if (name.find('@') != name.npos && entry.starts_with('\\')) return AddAddress(entry, entry.substr(1));
  if (name.find_first_of("@/:,") != name.npos || name.starts_with('\\') || name.starts_with('!') ||
      Trim(name) != name)
    return Fault(entry, "is no user; write \\ or ! and the name of a user of this machine");
  Push(EntryKind::User, entry, std::move(name));
}

void LineParser::AddCommand(std::string_view entry, std::string line) {
  if (const auto fault = FaultOfCommand(line); !fault.empty()) return Fault(entry, fault, true);
  Push(EntryKind::Command, entry, std::move(line));
}

void LineParser::AddAddress(std::string_view entry, std::string_view text) {
  if (text.size() > Destination::kMaxText) return Fault(entry, "is too long");
  if (HasToken(text, ':')) return FaultOfLine(entry, kColon);
  if (HasToken(text, ';')) return Fault(entry, "is no address; semicolons have no place here");
  auto list = ParseAddressList(text);
  // An encoded word is a way to write names, not addresses (RFC 2047 section 5).
  if (list.mailboxes.size() != 1 || !list.malformed.empty() ||
      list.mailboxes.front().address.find("=?") != std::string::npos)
    return Fault(entry, "is no address, path or command");
  auto& address = list.mailboxes.front().address;
  if (!list.mailboxes.front().qualified && address.find_first_of("/|") != address.npos)
    return Fault(entry, "is no name; the path of a file begins with / or ~/, a command with |/");
  Push(EntryKind::Address, entry, std::move(address));
}

void LineParser::Push(EntryKind kind, std::string_view entry, std::string text) {
  const bool has_octets = kind == EntryKind::File || kind == EntryKind::Include || kind == EntryKind::Command;
  const bool has_tabs = kind == EntryKind::Command || kind == EntryKind::Error;
  if (text.size() > Destination::kMaxText) return Fault(entry, "is too long");
  auto controls = text;
  if (has_tabs) std::erase(controls, '\t');
  if (HasControl(controls)) return Fault(entry, "has a control character in it");
  if (!has_octets && !IsUtf8(text)) return Fault(entry, "is not UTF-8");
  if (full_ || is_void_) return;
  if (list_.entries.size() == DestinationList::kMaxEntries) {
    Fault(entry, "is one entry too many: it and all behind it are left out");
    full_ = true;
    return;
  }
  list_.entries.push_back({kind, std::move(text), NumberOf(entry)});
}

void LineParser::Fault(std::string_view entry, std::string_view what, bool waits) {
  if (full_ || is_void_) return;
  full_ = list_.faults.size() + 1 == DestinationList::kMaxFaults;
  if (full_) what = "is one fault too many: it and all behind it are left out";
  list_.faults.push_back({NumberOf(entry), Quote(entry) + " " + std::string(what), waits});
}

// Takes back what has been read of the line.
void LineParser::FaultOfLine(std::string_view entry, std::string_view what) {
  Fault(entry, what, true);
  list_.entries.resize(std::min(first_, list_.entries.size()));
  is_void_ = true;
}

void LineParser::FaultOfRest(std::size_t begin, std::string_view what) {
  at_ = text_.size();
  Fault(Trim(text_.substr(begin)), what, true);
}

unsigned LineParser::NumberOf(std::string_view entry) const noexcept {
  return line_.NumberAt(static_cast<std::size_t>(entry.data() - text_.data()));
}

}  // namespace

DestinationList ParseDestinations(std::string_view text, unsigned first_line) {
  DestinationList list;
  if (IsFilter(text)) {
    list.faults.push_back({first_line, "the text is a filter, not a list of destinations", true});
    return list;
  }
  LogicalLineReader reader(text, first_line);
  bool more = true;
  while (more) {
    const auto line = reader.Next();
    more = line && LineParser(*line, list).Parse();
    list.is_cut = line && !more;
  }
  return list;
}

}  // namespace mail
