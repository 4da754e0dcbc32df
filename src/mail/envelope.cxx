// SPDX-License-Identifier: BSD-2-Clause
#include "mail/envelope.hxx"

#include "base/text.hxx"
#include "mail/record.hxx"

namespace mail {

namespace {

constexpr std::string_view kMagic = "mailqueue-envelope";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kLines = "lines";

// Octets of what is stored of a result.
struct ResultLimits {
  std::size_t text;
  std::size_t remote;
};
constexpr ResultLimits kLong{Envelope::kMaxResultText, Envelope::kMaxResultRemote};
constexpr ResultLimits kShort{Envelope::kShortResultPart, Envelope::kShortResultPart};

void WriteResult(RecordWriter& writer, const std::optional<DeliveryResult>& result, bool reported,
                 const ResultLimits& limits) {
  if (!result) return;
  writer.Add("outcome", ToString(result->outcome)).Add("status", result->status);
  if (!result->text.empty()) writer.Add("text", CutValue(result->text, limits.text));
  if (!result->remote.empty()) writer.Add("remote", CutValue(result->remote, limits.remote));
  if (reported) writer.Add("reported", "yes");
}

// An empty sender is written as well: it is the null sender.
void WriteEnd(RecordWriter& writer, const End& end, const ResultLimits& limits) {
  writer.Add("end", end.key).Add("end-address", end.address).Add("end-sender", end.sender);
  WriteResult(writer, end.result, end.reported, limits);
}

void WriteRecipient(RecordWriter& writer, const Recipient& recipient, const ResultLimits& limits) {
  const auto add = [&writer](std::string_view key, const std::string& value) {
    if (!value.empty()) writer.Add(key, value);
  };
  writer.Add("recipient", recipient.address);
  add("notify", recipient.notify);
  add("original", recipient.original);
  WriteResult(writer, recipient.result, recipient.reported, limits);
  for (const auto& end : recipient.ends) WriteEnd(writer, end, limits);
}

constexpr std::string_view kRequired = "required";
constexpr std::string_view kOptional = "optional";

bool ReadTls(TlsDemand& member, std::string_view text) {
  member = text == kRequired ? TlsDemand::Required : TlsDemand::Optional;
  return text == kRequired || text == kOptional;
}

template <typename Integer>
bool ReadNumber(Integer& member, std::string_view text) {
  const auto number = ParseNumber<Integer>(text);
  if (number) member = *number;
  return number.has_value();
}

bool ReadTime(Time& member, std::string_view text) {
  long long microseconds = 0;
  if (!ReadNumber(microseconds, text)) return false;
  member = FromMicroseconds(microseconds);
  return true;
}

bool ReadId(QueueId& member, std::string_view text) {
  const auto id = QueueId::Parse(text);
  if (id) member = *id;
  return id.has_value();
}

bool ReadText(std::string& member, std::string& value) {
  member = std::move(value);
  return true;
}

bool ReadResultField(DeliveryResult& result, std::string_view key, std::string& value) {
  if (key == "status") return IsEnhancedStatus(value) && ReadText(result.status, value);
  if (key == "text") return ReadText(result.text, value);
  if (key == "remote") return ReadText(result.remote, value);
  return false;
}

template <typename Addressee>  // a Recipient or an End
bool ReadProgress(Addressee& addressee, std::string_view key, std::string& value) {
  if (key == "reported") return addressee.reported = value == "yes";
  if (key == "outcome") {
    const auto outcome = ParseOutcome(value);
    if (!outcome) return false;
    addressee.result.emplace().outcome = *outcome;
    return true;
  }
  return addressee.result && ReadResultField(*addressee.result, key, value);
}

bool ReadEndField(End& end, std::string_view key, std::string& value) {
  if (key == "end-address") return ReadText(end.address, value);
  if (key == "end-sender") return ReadText(end.sender, value);
  return ReadProgress(end, key, value);
}

bool ReadRecipientField(Recipient& recipient, std::string_view key, std::string& value) {
  if (key == "end") return ReadText(recipient.ends.emplace_back().key, value);
  if (!recipient.ends.empty()) return ReadEndField(recipient.ends.back(), key, value);
  if (key == "notify") return ReadText(recipient.notify, value);
  if (key == "original") return ReadText(recipient.original, value);
  return ReadProgress(recipient, key, value);
}

bool ReadEnvelopeField(Envelope& envelope, std::string_view key, std::string& value) {
  if (key == "id") return ReadId(envelope.id, value);
  if (key == "sender") return ReadText(envelope.sender, value);
  if (key == "submitter") return ReadNumber(envelope.submitter, value);
  if (key == "created") return ReadTime(envelope.created, value);
  if (key == "size") return ReadNumber(envelope.message_size, value);
  if (key == "body") return ReadText(envelope.body, value);
  if (key == "ret") return ReadText(envelope.ret, value);
  if (key == "envid") return ReadText(envelope.envid, value);
  if (key == "tls") return ReadTls(envelope.tls, value);
  if (key == "attempts") return ReadNumber(envelope.attempts, value);
  if (key == "next-attempt") return ReadTime(envelope.next_attempt, value);
  if (key == "bounce") return ReadId(envelope.bounce.emplace(), value);
  if (key == "held") return ReadText(envelope.held, value);
  return false;
}

void WriteHead(RecordWriter& writer, const Envelope& envelope) {
  const auto add = [&writer](std::string_view key, const std::string& value) {
    if (!value.empty()) writer.Add(key, value);
  };
  writer.Add(kMagic, kVersion);
  writer.Add("id", envelope.id.View()).Add("sender", envelope.sender).Add("submitter", envelope.submitter);
  writer.Add("created", ToMicroseconds(envelope.created));
  writer.Add("size", std::to_string(envelope.message_size));
  add("body", envelope.body);
  add("ret", envelope.ret);
  add("envid", envelope.envid);
  if (envelope.tls != TlsDemand::None)
    writer.Add("tls", envelope.tls == TlsDemand::Required ? kRequired : kOptional);
  if (envelope.attempts) writer.Add("attempts", envelope.attempts);
  if (envelope.next_attempt != Time{}) writer.Add("next-attempt", ToMicroseconds(envelope.next_attempt));
  if (envelope.bounce) writer.Add("bounce", envelope.bounce->View());
  add("held", envelope.held);
}

std::string Write(const Envelope& envelope, const ResultLimits& limits) {
  RecordWriter head;
  RecordWriter recipients;
  for (const auto& recipient : envelope.recipients) WriteRecipient(recipients, recipient, limits);
  WriteHead(head, envelope);
  head.Add(kLines, static_cast<long long>(recipients.Count()));
  return head.TakeText() + recipients.Text();
}

}  // namespace

std::size_t End::StoredSize() const noexcept {
  constexpr std::size_t kKeys = 50;  // with what separates them
  return SizeOfValue(key) + SizeOfValue(address) + SizeOfValue(sender) + kKeys + Envelope::kShortResultSize;
}

bool End::IsSettled() const noexcept {
  return result && result->outcome != Outcome::Deferred;
}

bool Recipient::IsSettled() const noexcept {
  return result && result->outcome != Outcome::Deferred;
}

std::string Envelope::ToText(std::size_t max) const {
  auto text = Write(*this, kLong);
  // Many ends leave less room for what was said of each.
  if (text.size() > max) text = Write(*this, kShort);
  return text;
}

std::optional<Envelope> Envelope::Parse(std::string_view text, std::size_t max) {
  if (text.size() > max) return std::nullopt;
  RecordReader reader(text);
  const auto first = reader.Next();
  if (!first || first->key != kMagic || first->value != kVersion) return std::nullopt;
  Envelope envelope;
  std::optional<std::size_t> left;  // of the lines that the head has told
  while (auto field = reader.Next()) {
    if (left && (*left)-- == 0) return std::nullopt;
    if (field->key == kLines && !left && envelope.recipients.empty()) {
      left = ParseNumber<std::size_t>(field->value);
      if (!left) return std::nullopt;
      continue;
    }
    if (field->key == "recipient") {
      if (field->value.empty() || envelope.recipients.size() > kMaxRecipients) return std::nullopt;
      envelope.recipients.emplace_back().address = std::move(field->value);
      continue;
    }
    const bool good = envelope.recipients.empty()
                          ? ReadEnvelopeField(envelope, field->key, field->value)
                          : ReadRecipientField(envelope.recipients.back(), field->key, field->value);
    if (!good) return std::nullopt;
  }
  if (reader.Bad() || left.value_or(0) > 0 || envelope.recipients.empty() || envelope.id == QueueId{})
    return std::nullopt;
  return envelope;
}

bool Envelope::IsNewer(std::string_view text) {
  RecordReader reader(text);
  const auto first = reader.Next();
  if (!first || first->key != kMagic) return false;
  const auto version = ParseNumber<unsigned>(first->value);
  return version && *version > ParseNumber<unsigned>(kVersion);
}

}  // namespace mail
