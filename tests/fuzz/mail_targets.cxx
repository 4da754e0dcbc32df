// SPDX-License-Identifier: BSD-2-Clause
#include "base/utf8.hxx"
#include "mail/address.hxx"
#include "mail/address_list.hxx"
#include "mail/content_type.hxx"
#include "mail/destination.hxx"
#include "mail/envelope.hxx"
#include "mail/field_conversion.hxx"
#include "mail/header.hxx"
#include "mail/header_completion.hxx"
#include "mail/masquerade.hxx"
#include "mail/mime_converter.hxx"
#include "mail/record.hxx"
#include "mail/text_survey.hxx"
#include "target.hxx"
#include "targets.hxx"

#include <algorithm>
#include <array>
#include <map>

namespace fuzz {

namespace {

bool IsLocal(std::string_view domain) {
  return domain.empty() || domain == "host.example";
}

void CheckMailbox(const mail::Mailbox& mailbox, std::string_view text) {
  const auto address = mail::Address::Parse(mailbox.address);
  Require(address.has_value(), mailbox.address);
  Require(!address->domain.empty() == mailbox.qualified, mailbox.address);
  Require(mailbox.local_begin <= mailbox.local_end && mailbox.local_end <= text.size(), text);
  // What is sent as an address means the same to whoever reads it; an encoded word has no place in one.
  if (mailbox.address.find("=?") != std::string::npos) return;
  const auto again = mail::ParseAddressList("<" + mailbox.address + ">");
  Require(again.mailboxes.size() == 1 && again.mailboxes[0].address == mailbox.address, mailbox.address);
}

void CheckQualifying(std::string_view text, const mail::AddressList& before) {
  const auto qualified = mail::QualifyAddressList(text, "D");
  const auto after = mail::ParseAddressList(qualified);
  Require(before.mailboxes.size() == after.mailboxes.size(), qualified);
  Require(before.malformed.size() == after.malformed.size(), qualified);
  for (std::size_t i = 0; i < after.mailboxes.size(); ++i) {
    const auto& old = before.mailboxes[i];
    Require(after.mailboxes[i].address == (old.qualified ? old.address : old.address + "@D"), qualified);
  }
  Require(mail::QualifyAddressList(qualified, "E") == qualified, qualified);
}

void CheckDestination(const mail::Destination& destination) {
  using Kind = mail::Destination::Kind;
  const auto& text = destination.text;
  auto visible = text;
  std::erase(visible, '\t');
  Require(IsPrintable(visible) && text.size() <= mail::Destination::kMaxText, text);
  const bool is_path = text.starts_with('/') || text.starts_with("~/");
  switch (destination.kind) {
    case Kind::Address:
      return Require(mail::Address::Parse(text) && IsUtf8(text), text);
    case Kind::User:
      return Require(text.find_first_of("@/:,") == text.npos && IsUtf8(text), text);
    case Kind::File:
    case Kind::Include:
      return Require(is_path, text);
    case Kind::Command:
      return Require(mail::SplitCommand(text).at(0).starts_with('/'), text);
    case Kind::Error:
      return Require(!text.empty() && IsUtf8(text), text);
    case Kind::Fault:
      return Require(false, text);
  }
}

void CheckReadBack(mail::Destination destination) {
  const auto written = destination.ToString();
  destination.line = 1;
  const auto again = mail::ParseDestinations(written);
  Require(again.faults.empty() && again.entries == std::vector{destination}, written);
}

bool HasField(std::span<const mail::HeaderField> fields, std::string_view name) {
  return std::ranges::any_of(fields, [name](const auto& field) { return field.Is(name); });
}

std::string WithoutFolding(std::string_view text) {
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
  return plain;
}

bool HasBareControl(std::string_view text) {
  mail::TextSurvey survey;
  survey.Add(text);
  survey.Finish();
  return survey.HasBareControl();
}

void CheckCompleted(const mail::HeaderReader& in, const std::string& completed) {
  Require(completed.find_first_of(std::string_view("\r\0", 2)) == completed.npos, completed);
  // Without its LF the last line would hide what follows; a source always gives it one.
  if (!in.Fields().empty() && !in.Fields().back().text.ends_with('\n')) return;
  mail::HeaderReader out;
  Require(out.Add(completed) == mail::HeaderReader::State::Done && out.Rest().empty(), completed);
  for (const char* name : {"From", "Date", "Message-ID"})
    Require(mail::HasValue(out.Fields(), name), completed);
  for (const char* name : {"Bcc", "Resent-Bcc", "Return-Path", "Content-Length"})
    Require(!HasField(out.Fields(), name), completed);
  constexpr std::array<const char*, 6> kAdded = {"From",        "Date",        "Message-ID",
                                                 "Resent-From", "Resent-Date", "Resent-Message-ID"};
  for (const auto& field : out.Fields()) {
    const bool is_added = std::ranges::any_of(kAdded, [&](const char* name) { return field.Is(name); });
    Require(is_added || HasField(in.Fields(), field.name), field.text);
  }
}

void CheckConverted(std::string_view field) {
  for (const bool seven_bit : {false, true}) {
    const auto converted = mail::ConvertField(field, seven_bit);
    const auto text = std::string_view(converted);
    Require(HasBareControl(text) == HasBareControl(field), text);
    Require(std::ranges::count(text, '\n') >= std::ranges::count(field, '\n'), text);
    const bool is_encoded = text.find("=?") != text.npos;
    Require(is_encoded || WithoutFolding(text) == WithoutFolding(field), text);
  }
}

std::string Convert(std::string_view text, const mail::MimePlan& plan, bool whole) {
  std::string out;
  mail::MimeConverter converter(plan);
  if (whole) {
    converter.Add(text, out);
  } else {
    for (const auto piece : Pieces(text)) converter.Add(piece, out);
  }
  converter.Finish(out);
  return out;
}

}  // namespace

void Address(std::string_view input) {
  const auto address = mail::Address::Parse(input);
  if (!address) return;
  const bool has_dot = !address->domain.empty() && input.ends_with('.');
  Require(address->ToString() == (has_dot ? input.substr(0, input.size() - 1) : input), input);
  Require(!address->local.empty() && input.size() <= mail::Address::kMaxLength, input);
  Require(IsPrintable(input), input);
  Require(address->domain.find_first_of(" <>\"") == address->domain.npos, input);
  const auto qualified = mail::Qualify(std::string(input), "d.example");
  Require(qualified == (address->domain.empty() ? address->local + "@d.example" : std::string(input)),
          qualified);
  for (const char* spec : {"m.example", "root@", "root@m.example"}) {
    const auto masked = mail::Masquerade(std::string(input), spec, IsLocal);
    Require(mail::Address::Parse(masked).has_value(), masked);
    Require(IsLocal(address->domain) || masked == input, masked);
  }
}

void AddressList(std::string_view input) {
  const auto list = mail::ParseAddressList(input);
  for (const auto& mailbox : list.mailboxes) CheckMailbox(mailbox, input);
  CheckQualifying(input, list);
  for (const auto& mailbox : mail::ParseAddressOperand(input).mailboxes)
    Require(mail::Address::Parse(mailbox.address).has_value(), mailbox.address);
  const auto masked = mail::MasqueradeAddressList(input, "root@m.example", IsLocal);
  Require(mail::ParseAddressList(masked).mailboxes.size() == list.mailboxes.size(), masked);
}

void CommandLine(std::string_view input) {
  const auto words = mail::SplitCommand(input);
  std::size_t size = 0;
  for (const auto& word : words) size += word.size();
  Require(size <= input.size(), input);
  // The words themselves, in quotes, are read back.
  std::string quoted;
  for (const auto& word : words) {
    if (word.find('\'') != word.npos) return;
    quoted += "'" + word + "' ";
  }
  Require(mail::SplitCommand(quoted) == words, quoted);
}

void Destinations(std::string_view input) {
  const auto list = mail::ParseDestinations(input);
  const auto lines = 1 + static_cast<unsigned>(std::ranges::count(input, '\n'));
  unsigned last = 1;
  for (const auto& destination : list.entries) {
    CheckDestination(destination);
    CheckReadBack(destination);
    Require(destination.line >= last && destination.line <= lines, destination.text);
    last = destination.line;
  }
  for (auto fault : list.faults) {
    std::erase(fault.text, '\t');
    Require(fault.line >= 1 && fault.line <= lines && IsPrintable(fault.text), fault.text);
  }
  Require(list.entries.size() <= mail::DestinationList::kMaxEntries);
  Require(list.faults.size() <= mail::DestinationList::kMaxFaults);
  // All but blanks, commas and comments leads to an entry or a fault: nothing is lost without a word.
  const auto marked = mail::ParseDestinations("x" + std::string(input));
  Require(!marked.entries.empty() || !marked.faults.empty(), input);
}

void Envelope(std::string_view input) {
  const auto envelope = mail::Envelope::Parse(input);
  (void)mail::Envelope::IsNewer(input);
  if (!envelope) return;
  Require(!envelope->recipients.empty() && envelope->recipients.size() <= mail::Envelope::kMaxRecipients);
  const auto text = envelope->ToText();
  auto lines = text;
  std::erase(lines, '\n');
  Require(IsPrintable(lines), text);
  const auto again = mail::Envelope::Parse(text);
  Require(again.has_value(), text);
  Require(again->ToText() == text, text);
}

void Header(std::string_view input) {
  mail::HeaderReader whole;
  if (whole.Add(input) == mail::HeaderReader::State::Reading) whole.Finish();
  mail::HeaderReader pieces;
  auto state = mail::HeaderReader::State::Reading;
  std::size_t taken = 0;
  for (const auto piece : Pieces(input)) {
    if (state != mail::HeaderReader::State::Reading) break;
    state = pieces.Add(piece);
    taken += piece.size();
  }
  if (state == mail::HeaderReader::State::Reading) pieces.Finish();
  Require(std::ranges::equal(whole.Fields(), pieces.Fields(), {}, &mail::HeaderField::text,
                             &mail::HeaderField::text),
          input);
  Require(whole.Rest() == std::string(pieces.Rest()) + std::string(input.substr(taken)), input);
  const mail::HeaderFacts facts = {"f@x", "D", "M", "dom"};
  for (const auto resent : {mail::Resent::Leave, mail::Resent::Complete})
    CheckCompleted(whole, mail::CompleteHeader(whole.Fields(), facts, resent));
  for (const auto& field : whole.Fields()) CheckConverted(field.text);
}

void Mime(std::string_view input) {
  for (const bool seven_bit : {false, true}) {
    mail::MimePlan plan(seven_bit);
    plan.Add(input);
    plan.Finish();
    if (!plan.CanBeSent()) continue;
    const auto out = Convert(input, plan, true);
    Require(out == Convert(input, plan, false), input);
    Require(!HasBareControl(out), out);
  }
  const auto type = mail::ContentType::Parse(input);
  Require(IsPrintable(type.type + type.subtype), type.type + type.subtype);
}

void Record(std::string_view input) {
  mail::RecordReader reader(input);
  mail::RecordWriter writer;
  while (const auto field = reader.Next()) writer.Add(field->key, field->value);
  mail::RecordReader again(writer.Text());
  mail::RecordWriter copy;
  while (const auto field = again.Next()) copy.Add(field->key, field->value);
  Require(!again.Bad() && copy.Text() == writer.Text(), writer.Text());
  // Any octets are a value.
  mail::RecordWriter one;
  one.Add("key", input);
  mail::RecordReader value(one.Text());
  Require(value.Next()->value == input && !value.Next() && !value.Bad(), input);
  for (const std::size_t size : {0, 1, 5, 17}) {
    const auto cut = mail::CutValue(input, size);
    mail::RecordWriter written;
    written.Add("k", cut);
    Require(input.starts_with(cut) && written.Text().size() <= size + 4, cut);
  }
}

}  // namespace fuzz
