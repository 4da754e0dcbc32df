// SPDX-License-Identifier: BSD-2-Clause
#include "mail/header_completion.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <array>
#include <iterator>

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

// A lone carriage return would be a line end to some server that gets the message, and begin a header line of
// its own there.
void AppendLine(std::string& header, std::string_view text) {
  for (const char c : text) header += c == '\r' || c == '\0' ? ' ' : c;
}

void AppendField(std::string& header, std::string_view name, std::string_view body) {
  header.append(name).append(": ").append(body) += '\n';
}

std::string RewriteFrom(std::string_view body, const HeaderFacts& facts) {
  return facts.rewrite_from ? facts.rewrite_from(body) : std::string(body);
}

void AppendKept(std::string& header, const HeaderField& field, const HeaderFacts& facts) {
  if (IsOneOf(field.name, kDroppedFields)) return;
  if (IsOneOf(field.name, kAddedFields) && IsEmpty(field)) return;
  if (!IsOneOf(WithoutResent(field), kAddressFields)) return AppendLine(header, field.text);
  const auto body = field.Body();
  AppendLine(header, field.text.substr(0, field.text.size() - body.size()));
  const bool is_from = EqualsIgnoreCase(WithoutResent(field), "From");
  AppendLine(header,
             QualifyAddressList(is_from ? RewriteFrom(body, facts) : std::string(body), facts.domain));
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
    auto list = ParseAddressList(field.Body());
    std::ranges::move(list.mailboxes, std::back_inserter(all.mailboxes));
    std::ranges::move(list.malformed, std::back_inserter(all.malformed));
  }
  return all;
}

std::string CompleteHeader(Fields fields, const HeaderFacts& facts, Resent resent) {
  std::string header;
  const auto block = FirstResentBlock(fields);
  for (const auto& field : fields) {
    const bool begins_block = !block.empty() && &field == block.data();
    if (begins_block && resent == Resent::Complete)
      AppendMissing(header, block, facts, std::string(kResentPrefix));
    AppendKept(header, field, facts);
  }
  AppendMissing(header, fields, facts, "");
  return header += '\n';
}

}  // namespace mail
