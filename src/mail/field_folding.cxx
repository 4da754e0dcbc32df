// SPDX-License-Identifier: BSD-2-Clause
#include "mail/field_folding.hxx"

#include "base/text.hxx"
#include "mail/header.hxx"
#include "mail/text_survey.hxx"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace mail {

namespace {

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

constexpr auto kAddresses = std::to_array<std::string_view>({"bcc", "cc", "from", "reply-to", "resent-bcc",
                                                             "resent-cc", "resent-from", "resent-reply-to",
                                                             "resent-sender", "resent-to", "sender", "to"});

bool IsFoldBlank(char c) noexcept {
  return c == ' ' || c == '\t';
}

/// Finds where a field may be folded. The places are offsets of the octets that a new line would begin with.
class FoldFinder {
 public:
  explicit FoldFinder(std::string_view field)
      : field_(field), name_(field.substr(0, FieldNameSize(field))), free_text_(IsFreeText(name_)) {
    const auto name = ToLower(name_);
    if (HoldsAddresses(name) || name.starts_with("list-")) separators_ = ",";
    if (name.starts_with("content-")) separators_ = ";";
    joins_identifiers_ = name == "references" || name == "in-reply-to";
  }

  std::vector<std::size_t> Find() {
    std::vector<std::size_t> places;
    if (name_.empty()) return places;
    for (std::size_t i = field_.find(':') + 1; i < field_.size(); ++i) {
      if (MayFoldBefore(i) && HasTextAt(i)) places.push_back(i);
      if (!free_text_) Pass(i);
    }
    return places;
  }

 private:
  [[nodiscard]] bool MayFoldBefore(std::size_t i) const noexcept {
    if (in_quotes_ || in_brackets_) return false;
    const char before = field_[i - 1];
    if (IsFoldBlank(field_[i])) return !IsFoldBlank(before) && before != '\n';
    if (free_text_ || comments_ > 0) return false;
    return separators_.find(before) != separators_.npos ||
           (joins_identifiers_ && before == '>' && field_[i] == '<');
  }

  // A line of white space alone would look like the end of the header to some.
  [[nodiscard]] bool HasTextAt(std::size_t i) const noexcept {
    const auto text = field_.find_first_not_of(" \t", i);
    return text != field_.npos && field_[text] != '\r' && field_[text] != '\n';
  }

  void Pass(std::size_t& i) noexcept {
    const char c = field_[i];
    if (c == '\\' && (in_quotes_ || comments_ > 0) && i + 1 < field_.size())
      ++i;
    else if (in_quotes_ || comments_ > 0)
      PassWithin(c);
    else if (c == '"')
      in_quotes_ = true;
    else if (c == '(')
      comments_ = 1;
    else if (c == '<' || c == '>')
      in_brackets_ = c == '<';
  }

  void PassWithin(char c) noexcept {
    if (in_quotes_)
      in_quotes_ = c != '"';
    else if (c == '(' || c == ')')
      comments_ += c == '(' ? 1 : -1;
  }

  const std::string_view field_;
  const std::string_view name_;
  const bool free_text_;
  std::string_view separators_;
  bool joins_identifiers_ = false;
  bool in_quotes_ = false;
  bool in_brackets_ = false;
  int comments_ = 0;  // in one another
};

/// Breaks one line after the other at the places that were found.
class Folder {
 public:
  explicit Folder(std::string_view field)
      : field_(field), places_(FoldFinder(field).Find()), colon_(field.find(':')) {}

  std::string Fold() {
    while (begin_ < field_.size()) {
      const auto end = std::min(field_.find('\n', begin_), field_.size() - 1) + 1;
      FoldLine(end);
    }
    return std::move(folded_);
  }

 private:
  // @p end behind the line's LF, if it has one.
  void FoldLine(std::size_t end) {
    const auto line = field_.substr(begin_, end - begin_);
    const auto text_end = begin_ + line.find_last_not_of("\r\n") + 1;
    std::size_t indent = 0;
    while (text_end - begin_ + indent > TextSurvey::kMaxLine && text_end > begin_) {
      const auto place = FindPlace(begin_ + TextSurvey::kMaxLine - indent, text_end);
      if (place == text_end) break;
      folded_.append(field_, begin_, place - begin_) += '\n';
      indent = IsFoldBlank(field_[place]) ? 0 : 1;
      folded_.append(indent, ' ');
      begin_ = place;
    }
    folded_.append(field_, begin_, end - begin_);
    begin_ = end;
  }

  // The last place up to @p limit, or the first behind it; @p text_end if there is none.
  [[nodiscard]] std::size_t FindPlace(std::size_t limit, std::size_t text_end) const {
    const auto begin = std::ranges::upper_bound(places_, begin_);
    auto place = std::upper_bound(begin, places_.end(), limit);
    if (place != begin && (*std::prev(place) > colon_ + 1 || IsWorthwhile(*std::prev(place), text_end)))
      return *std::prev(place);
    return place == places_.end() ? text_end : std::min(*place, text_end);
  }

  // Nothing but the name would stand on the line: only where the rest of it has room on the next one.
  [[nodiscard]] bool IsWorthwhile(std::size_t place, std::size_t text_end) const {
    const auto next = std::ranges::upper_bound(places_, place);
    const auto end = next == places_.end() ? text_end : std::min(*next, text_end);
    return end - place <= TextSurvey::kMaxLine;
  }

  const std::string_view field_;
  const std::vector<std::size_t> places_;
  const std::size_t colon_;
  std::size_t begin_ = 0;  // of what is not yet in folded_
  std::string folded_;
};

}  // namespace

std::string FoldField(std::string_view field) {
  return Folder(field).Fold();
}

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

}  // namespace mail
