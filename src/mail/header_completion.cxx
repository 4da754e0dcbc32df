// SPDX-License-Identifier: BSD-2-Clause
#include "mail/header_completion.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <utility>
#include <vector>

namespace mail {

namespace {

using Fields = std::span<const HeaderField>;

constexpr std::string_view kResentPrefix = "Resent-";
constexpr std::array<std::string_view, 3> kRecipientFields = {"To", "Cc", "Bcc"};
constexpr std::array<std::string_view, 4> kDroppedFields = {"Bcc", "Resent-Bcc", "Return-Path",
                                                            "Content-Length"};
// Empty fields of these names are dropped, since a field with a value is added.
constexpr std::array<std::string_view, 6> kAddedFields = {"From",        "Date",        "Message-ID",
                                                          "Resent-From", "Resent-Date", "Resent-Message-ID"};
// RFC 5322 section 3.6 allows each of these once, and a list may go on in the one field.
constexpr std::array<std::string_view, 3> kJoinedLists = {"To", "Cc", "Reply-To"};
constexpr std::array<std::string_view, 2> kJoinedIdentifiers = {"In-Reply-To", "References"};
constexpr std::array<std::string_view, 6> kSingleFields = {"From", "Sender",     "Subject",
                                                           "Date", "Message-ID", "MIME-Version"};
// Which of two is meant nobody knows, unless they are equal.
constexpr std::array<std::string_view, 2> kSingleIfEqual = {"Content-Type", "Content-Transfer-Encoding"};
constexpr std::array<std::string_view, 6> kAddressFields = {"From", "Sender", "Reply-To", "To", "Cc", "Bcc"};
// A block of Resent- fields has each of these once at most, so a second one belongs to the next block.
constexpr std::array<std::string_view, 4> kResentOnce = {"From", "Sender", "Date", "Message-ID"};

bool IsResent(const HeaderField& field) noexcept {
  return StartsWithIgnoreCase(field.name, kResentPrefix);
}

bool IsTrace(const HeaderField& field) noexcept {
  return field.Is("Received") || field.Is("Return-Path");
}

bool IsEmpty(const HeaderField& field) noexcept {
  return Trim(field.Body()).empty();
}

std::string_view WithoutResent(const HeaderField& field) noexcept {
  return IsResent(field) ? field.name.substr(kResentPrefix.size()) : field.name;
}

bool IsOneOf(std::string_view name, std::span<const std::string_view> names) noexcept {
  return std::ranges::any_of(names, [name](auto other) { return EqualsIgnoreCase(name, other); });
}

// From the first Resent- field to where its block ends: at trace fields, or at a field that the block has
// already.
Fields FirstResentBlock(Fields fields) noexcept {
  const auto begin = std::ranges::find_if(fields, IsResent);
  auto end = begin;
  for (; end != fields.end() && !IsTrace(*end); ++end) {
    if (!IsResent(*end) || !IsOneOf(WithoutResent(*end), kResentOnce)) continue;
    if (std::any_of(begin, end, [end](const auto& earlier) { return earlier.Is(end->name); })) break;
  }
  return {begin, end};
}

void AppendField(std::string& header, std::string_view name, std::string_view body) {
  header.append(name).append(": ").append(body) += '\n';
}

std::string RewriteFrom(std::string_view body, const HeaderFacts& facts) {
  return facts.rewrite_from ? facts.rewrite_from(body) : std::string(body);
}

std::vector<std::string> AddressesOf(std::string_view body) {
  auto list = ParseAddressList(body);
  std::vector<std::string> addresses = std::move(list.malformed);
  for (auto& mailbox : list.mailboxes) addresses.push_back(std::move(mailbox.address));
  std::ranges::sort(addresses);
  return addresses;
}

// One list instead of several; empty if they would not have the same addresses, because something in one of
// them is not closed.
std::string JoinLists(std::span<const HeaderField* const> fields) {
  std::string body;
  std::vector<std::string> addresses;
  for (const auto* field : fields) {
    const auto list = Trim(field->Body());
    std::ranges::move(AddressesOf(list), std::back_inserter(addresses));
    if (list.empty()) continue;
    body.append(body.empty() ? " " : body.ends_with(',') ? "\n " : ",\n ").append(list);
  }
  std::ranges::sort(addresses);
  return AddressesOf(body) == addresses ? body : std::string();
}

std::string JoinIdentifiers(std::span<const HeaderField* const> fields) {
  std::string body;
  for (const auto* field : fields)
    if (!IsEmpty(*field)) body.append(body.empty() ? " " : "\n ").append(Trim(field->Body()));
  return body;
}

/// Makes one of the fields that there may be one of.
class FieldMerger {
 public:
  explicit FieldMerger(Fields fields) : fields_(fields.begin(), fields.end()) {
    for (const auto name : kJoinedLists) Join(name, JoinLists);
    for (const auto name : kJoinedIdentifiers) Join(name, JoinIdentifiers);
    for (const auto name : kSingleFields) KeepFirst(name);
    for (const auto name : kSingleIfEqual) KeepIfEqual(name);
  }

  /// The fields at their places; one that is gone has no text. They point into what was given and into this.
  [[nodiscard]] Fields Merged() const noexcept { return fields_; }

 private:
  std::vector<HeaderField*> Find(std::string_view name) {
    std::vector<HeaderField*> found;
    for (auto& field : fields_)
      if (field.Is(name)) found.push_back(&field);
    return found;
  }

  static void Drop(std::span<HeaderField* const> fields, const HeaderField* but) {
    for (auto* field : fields)
      if (field != but) field->text = {};
  }

  template <typename JoinBodies>
  void Join(std::string_view name, JoinBodies join) {
    const auto found = Find(name);
    if (found.size() < 2) return;
    const auto body = join(std::vector<const HeaderField*>(found.begin(), found.end()));
    if (body.empty()) return;
    auto& text = texts_.emplace_back(std::string(found[0]->name) + ":" + body + "\n");
    *found[0] = {std::string_view(text).substr(0, found[0]->name.size()), text};
    Drop(found, found[0]);
  }

  void KeepFirst(std::string_view name) {
    const auto found = Find(name);
    const auto kept = std::ranges::find_if(found, [](const auto* field) { return !IsEmpty(*field); });
    if (found.size() > 1) Drop(found, kept == found.end() ? found[0] : *kept);
  }

  void KeepIfEqual(std::string_view name) {
    const auto found = Find(name);
    const bool are_equal = std::ranges::all_of(
        found, [&](const auto* field) { return Trim(field->Body()) == Trim(found[0]->Body()); });
    if (found.size() > 1 && are_equal) Drop(found, found[0]);
  }

  std::vector<HeaderField> fields_;
  std::deque<std::string> texts_;
};

void AppendKept(std::string& header, const HeaderField& field, const HeaderFacts& facts) {
  if (field.text.empty() || IsOneOf(field.name, kDroppedFields)) return;
  if (IsOneOf(field.name, kAddedFields) && IsEmpty(field)) return;
  const auto name = WithoutResent(field);
  if (!IsOneOf(name, kAddressFields)) {
    header += field.text;
    return;
  }
  const auto body = field.Body();
  header += field.text.substr(0, field.text.size() - body.size());
  const auto blanks = IsOneOf(name, kRecipientFields) ? Blanks::Separate : Blanks::Join;
  header += QualifyAddressList(EqualsIgnoreCase(name, "From") ? RewriteFrom(body, facts) : std::string(body),
                               facts.domain, blanks);
}

// Missing ones of those fields that a message and a block of Resent- fields must have.
void AppendMissing(std::string& header, Fields fields, const HeaderFacts& facts, const std::string& prefix) {
  const auto from = RewriteFrom(facts.from, facts);
  const std::array<std::pair<std::string_view, const std::string*>, 3> wanted = {
      {{"From", &from}, {"Date", &facts.date}, {"Message-ID", &facts.message_id}}};
  for (const auto& [name, body] : wanted)
    if (!HasValue(fields, prefix + std::string(name))) AppendField(header, prefix + std::string(name), *body);
}

}  // namespace

bool HasValue(Fields fields, std::string_view name) noexcept {
  return std::ranges::any_of(fields, [name](const auto& field) { return field.Is(name) && !IsEmpty(field); });
}

bool HasResentFields(Fields fields) noexcept {
  return std::ranges::any_of(fields, IsResent);
}

AddressList HeaderRecipients(Fields fields) {
  AddressList all;
  const auto block = FirstResentBlock(fields);
  for (const auto& field : block.empty() ? fields : block) {
    if (IsResent(field) == block.empty() || !IsOneOf(WithoutResent(field), kRecipientFields)) continue;
    auto list = ParseAddressList(field.Body(), Blanks::Separate);
    std::ranges::move(list.mailboxes, std::back_inserter(all.mailboxes));
    std::ranges::move(list.malformed, std::back_inserter(all.malformed));
  }
  return all;
}

std::string CompleteHeader(Fields fields, const HeaderFacts& facts, Resent resent) {
  std::string header;
  const FieldMerger merger(fields);
  const auto merged = merger.Merged();
  const auto block = FirstResentBlock(merged);
  for (const auto& field : merged) {
    const bool begins_block = !block.empty() && &field == block.data();
    if (begins_block && resent == Resent::Complete)
      AppendMissing(header, block, facts, std::string(kResentPrefix));
    AppendKept(header, field, facts);
  }
  AppendMissing(header, merged, facts, "");
  return header += '\n';
}

}  // namespace mail
