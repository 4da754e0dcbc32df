// SPDX-License-Identifier: BSD-2-Clause
#include "courier/protocol.hxx"

#include "base/text.hxx"
#include "mail/record.hxx"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace courier {

namespace {

constexpr std::string_view kDelivery = "mailqueue-request";
constexpr std::string_view kAnswer = "mailqueue-answer";
constexpr std::string_view kDeliveryVersion = "1";
constexpr std::string_view kEndOfHead = "\nwith: envelope\n";

bool ReadText(std::string& member, const mail::Field& field) {
  member = field.value;
  return true;
}

// Texts of others are stored and shown, so they are cut where they come in.
std::string Cut(const std::string& text) {
  return std::string(mail::CutValue(text, kMaxResultText));
}

bool ReadFlag(bool& member, const mail::Field& field) {
  member = field.value == "yes";
  return true;
}

template <typename Integer>
bool ReadNumber(Integer& member, const mail::Field& field) {
  const auto number = ParseNumber<Integer>(field.value);
  if (number) member = *number;
  return number.has_value();
}

bool ReadRequestField(Request& request, const mail::Field& field) {
  if (field.key == "serial") return ReadNumber(request.serial, field);
  if (field.key == "destination") return ReadText(request.destination, field);
  if (field.key == "relay") {
    request.relays.push_back(field.value);
    return true;
  }
  if (field.key == "options") return ReadText(request.options, field);
  if (field.key == "helo") return ReadText(request.helo, field);
  if (field.key == "extension") return ReadText(request.extension, field);
  if (field.key == "alias") return ReadText(request.alias, field);
  if (field.key == "head") return ReadText(request.head, field);
  if (field.key == "again") return ReadFlag(request.again, field);
  if (field.key == "forward") return ReadFlag(request.forward, field);
  if (field.key == "own-relays") return ReadFlag(request.own_relays, field);
  if (field.key == "owner") return ReadText(request.owner, field);
  if (field.key == "share") return ReadNumber(request.share, field);
  if (field.key == "probe") return ReadFlag(request.probe, field);
  if (field.key == "explain") return ReadFlag(request.explain, field);
  return false;
}

// The whole of a forward file's text is in the value; what is a destination's kind is in the key, and short,
// because a list may be long. One stands in the line behind that of the one before it, in the same file,
// unless something else is said. There is none for Kind::Include: the runner would read the file with its own
// rights, so an agent that was broken into could have it read others' files.
struct DestinationName {
  mail::Destination::Kind kind;
  std::string_view name;
};

constexpr DestinationName kDestinationNames[] = {
    {mail::Destination::Kind::Address, "a"}, {mail::Destination::Kind::User, "u"},
    {mail::Destination::Kind::File, "f"},    {mail::Destination::Kind::Command, "c"},
    {mail::Destination::Kind::Error, "e"},   {mail::Destination::Kind::Fault, "x"},
};

std::string_view NameOf(mail::Destination::Kind kind) noexcept {
  const auto* const found = std::ranges::find(kDestinationNames, kind, &DestinationName::kind);
  assert(found != std::end(kDestinationNames));
  return found->name;
}

bool ReadForwardField(Forward& forward, const mail::Field& field) {
  if (field.key == "private") return ReadFlag(forward.is_private, field);
  if (field.key == "fault") {
    forward.faults.push_back(Cut(field.value));
    return true;
  }
  if (field.key == "line") {
    const auto line = ParseNumber<unsigned>(field.value);
    if (line && !forward.destinations.empty()) forward.destinations.back().line = *line;
    return line && !forward.destinations.empty();
  }
  if (field.key == "file") {
    if (!forward.destinations.empty()) forward.destinations.back().file = field.value;
    return !forward.destinations.empty();
  }
  const auto* const found = std::ranges::find(kDestinationNames, field.key, &DestinationName::name);
  if (found == std::end(kDestinationNames)) return false;
  const auto last = forward.destinations.empty() ? mail::Destination() : forward.destinations.back();
  forward.destinations.push_back({found->kind, field.value, last.line + 1, last.file});
  return true;
}

void WriteForward(mail::RecordWriter& writer, const Forward& forward) {
  writer.Add("forward", forward.path);
  if (forward.is_private) writer.Add("private", "yes");
  mail::Destination none;
  const auto* last = &none;
  for (const auto& destination : forward.destinations) {
    writer.Add(NameOf(destination.kind), destination.text);
    if (destination.line != last->line + 1) writer.Add("line", destination.line);
    if (destination.file != last->file) writer.Add("file", destination.file);
    last = &destination;
  }
  for (const auto& fault : forward.faults) writer.Add("fault", fault);
}

void WriteReport(mail::RecordWriter& writer, const mail::RelayReport& report) {
  writer.Add("report", report.relay).Add("status", report.status);
  for (const auto& line : report.lines) writer.Add("line", Cut(line));
}

bool ReadReportField(mail::RelayReport& report, const mail::Field& field) {
  if (field.key == "line") report.lines.push_back(Cut(field.value));
  if (field.key == "status") report.status = Cut(field.value);
  return field.key == "line" || field.key == "status";
}

void WriteOwnRelays(mail::RecordWriter& writer, const OwnRelays& relays) {
  writer.Add("own-relays", relays.where).Add("relays", relays.relays).Add("options", relays.options);
  writer.Add("credentials", relays.credentials);
  for (const auto& fault : relays.faults) writer.Add("fault", fault);
}

bool ReadOwnRelaysField(OwnRelays& relays, const mail::Field& field) {
  if (field.key == "relays") return ReadText(relays.relays, field);
  if (field.key == "options") return ReadText(relays.options, field);
  if (field.key == "credentials") return ReadText(relays.credentials, field);
  if (field.key == "fault") relays.faults.push_back(Cut(field.value));
  return field.key == "fault";
}

bool ReadResultField(mail::DeliveryResult& result, const mail::Field& field) {
  if (field.key == "outcome") {
    const auto outcome = mail::ParseOutcome(field.value);
    if (outcome) result.outcome = *outcome;
    return outcome.has_value();
  }
  if (field.key == "status" && !mail::IsEnhancedStatus(field.value)) return false;
  if (field.key == "status") result.status = field.value;
  if (field.key == "text") result.text = Cut(field.value);
  if (field.key == "remote") result.remote = Cut(field.value);
  return field.key == "status" || field.key == "text" || field.key == "remote";
}

// Whoever answers says what became of the recipients, or one of what may stand instead.
bool IsOfOneKind(const Answer& answer) noexcept {
  return int{answer.forward.has_value()} + int{answer.own_relays.has_value()} + int{!answer.reports.empty()} +
             int{!answer.results.empty()} <=
         1;
}

}  // namespace

std::string Request::ToText() const {
  mail::RecordWriter writer;
  writer.Add(kDelivery, kDeliveryVersion)
      .Add("serial", std::to_string(serial))
      .Add("destination", destination);
  for (const auto& relay : relays) writer.Add("relay", relay);
  if (!options.empty()) writer.Add("options", options);
  writer.Add("helo", helo).Add("again", again ? "yes" : "no");
  if (forward) writer.Add("forward", "yes");
  if (own_relays) writer.Add("own-relays", "yes");
  if (!owner.empty()) writer.Add("owner", owner);
  if (share) writer.Add("share", share);
  if (probe) writer.Add("probe", "yes");
  if (explain) writer.Add("explain", "yes");
  if (!extension.empty()) writer.Add("extension", extension);
  if (!alias.empty()) writer.Add("alias", alias);
  if (!head.empty()) writer.Add("head", head);
  return writer.TakeText() + std::string(kEndOfHead.substr(1)) + envelope.ToText();
}

std::optional<Request> Request::Parse(std::string_view text) {
  const auto end = text.find(kEndOfHead);
  if (end == text.npos) return std::nullopt;
  mail::RecordReader reader(text.substr(0, end + 1));
  const auto first = reader.Next();
  if (!first || first->key != kDelivery || first->value != kDeliveryVersion) return std::nullopt;
  Request request;
  while (const auto field = reader.Next())
    if (!ReadRequestField(request, *field)) return std::nullopt;
  if (reader.Bad()) return std::nullopt;
  auto envelope = mail::Envelope::Parse(text.substr(end + kEndOfHead.size()));
  if (!envelope) return std::nullopt;
  request.envelope = std::move(*envelope);
  return request;
}

std::string Answer::ToText() const {
  mail::RecordWriter writer;
  writer.Add(kAnswer, kDeliveryVersion).Add("serial", std::to_string(serial));
  if (unreached) writer.Add("unreached", "yes");
  for (const auto& report : reports) WriteReport(writer, report);
  if (forward) WriteForward(writer, *forward);
  if (own_relays) WriteOwnRelays(writer, *own_relays);
  for (const auto& [index, result] : results) {
    writer.Add("result", static_cast<long long>(index)).Add("outcome", mail::ToString(result.outcome));
    writer.Add("status", result.status).Add("text", Cut(result.text)).Add("remote", Cut(result.remote));
  }
  return writer.TakeText();
}

std::optional<Answer> Answer::Parse(std::string_view text) {
  mail::RecordReader reader(text);
  const auto first = reader.Next();
  if (!first || first->key != kAnswer || first->value != kDeliveryVersion) return std::nullopt;
  const auto serial = reader.Next();
  if (!serial || serial->key != "serial") return std::nullopt;
  const auto number = ParseNumber<std::uint64_t>(serial->value);
  if (!number) return std::nullopt;
  Answer answer{*number, {}};
  while (const auto field = reader.Next()) {
    if (field->key == "unreached") {
      ReadFlag(answer.unreached, *field);
    } else if (field->key == "report") {
      answer.reports.push_back({field->value, {}, {}});
    } else if (!answer.reports.empty()) {
      if (!ReadReportField(answer.reports.back(), *field)) return std::nullopt;
    } else if (field->key == "forward") {
      answer.forward.emplace().path = field->value;
    } else if (answer.forward) {
      if (!ReadForwardField(*answer.forward, *field)) return std::nullopt;
    } else if (field->key == "own-relays") {
      answer.own_relays.emplace().where = field->value;
    } else if (answer.own_relays) {
      if (!ReadOwnRelaysField(*answer.own_relays, *field)) return std::nullopt;
    } else if (field->key == "result") {
      const auto index = ParseNumber<std::size_t>(field->value);
      if (!index) return std::nullopt;
      answer.results.emplace_back(*index, mail::DeliveryResult{});
    } else if (answer.results.empty() || !ReadResultField(answer.results.back().second, *field)) {
      return std::nullopt;
    }
  }
  if (reader.Bad() || !IsOfOneKind(answer)) return std::nullopt;
  if (answer.forward && answer.forward->destinations.empty()) return std::nullopt;
  return answer;
}

std::vector<Answer> Split(Answer answer) {
  std::vector<Answer> parts;
  if (answer.forward || answer.own_relays || !answer.reports.empty()) {
    parts.push_back(std::move(answer));
    return parts;
  }
  auto& results = answer.results;
  for (std::size_t at = 0; at < results.size(); at += kMaxResultsPerAnswer) {
    const auto end = std::min(at + kMaxResultsPerAnswer, results.size());
    parts.push_back({answer.serial,
                     {std::make_move_iterator(results.begin() + static_cast<std::ptrdiff_t>(at)),
                      std::make_move_iterator(results.begin() + static_cast<std::ptrdiff_t>(end))},
                     {},
                     answer.unreached});
  }
  return parts;
}

}  // namespace courier
