// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.hxx"
#include "base/utf8.hxx"
#include "bus/marshal.hxx"
#include "config/keys.hxx"
#include "config/value_checks.hxx"
#include "courier/credentials.hxx"
#include "courier/launch.hxx"
#include "courier/packet.hxx"
#include "courier/protocol.hxx"
#include "mail/queue_id.hxx"
#include "target.hxx"
#include "targets.hxx"

#include <algorithm>

namespace fuzz {

namespace {

// What is not UTF-8 becomes three octets each.
constexpr std::size_t kMaxWireText = 3 * 4096 + 3;

// A record has no control characters but its line ends.
void CheckRecord(std::string text) {
  std::erase(text, '\n');
  Require(IsPrintable(text), text);
}

// What Type::Parse took over is written, and read back to the same.
template <typename Type>
std::optional<Type> CheckReadAgain(std::string_view input) {
  auto value = Type::Parse(input);
  if (!value) return std::nullopt;
  const auto text = value->ToText();
  CheckRecord(text);
  const auto again = Type::Parse(text);
  Require(again.has_value(), text);
  Require(again->ToText() == text, text);
  return value;
}

void CheckParts(const courier::Answer& answer) {
  std::size_t results = 0;
  for (const auto& part : courier::Split(answer)) {
    Require(part.results.size() <= courier::kMaxResultsPerAnswer);
    Require(part.serial == answer.serial && part.unreached == answer.unreached);
    results += part.results.size();
    if (!part.results.empty()) Require(part.ToText().size() <= courier::kMaxPacket);
  }
  Require(results == answer.results.size() || answer.forward || answer.own_relays || !answer.reports.empty());
}

template <typename... Text>
void CheckWire(const Text&... text) {
  (Require(IsUtf8(text) && text.find('\0') == std::string::npos && text.size() <= kMaxWireText, text), ...);
}

}  // namespace

// What goes into a D-Bus message must be what the bus takes, or it hangs up.
void Bus(std::string_view input) {
  auto parts = Parts(input);
  parts.resize(std::max<std::size_t>(parts.size(), 6));
  bus::MessageStatus status;
  status.sender = parts[0];
  status.reason = parts[1];
  status.recipients.push_back({parts[2], "deferred", parts[3], parts[4]});
  const auto message = bus::ToWire(status);
  const auto& recipient = message.get<10>().at(0);
  CheckWire(message.get<3>(), message.get<8>(), recipient.get<0>(), recipient.get<2>(), recipient.get<3>());
  const auto line = bus::ToWire(bus::RouteLine{1, parts[0], parts[1], parts[2], "mailbox"});
  CheckWire(line.get<1>(), line.get<2>(), line.get<3>());
  const auto report = bus::ToWire(mail::RelayReport{parts[3], parts[4], {parts[5], parts[0]}});
  CheckWire(report.get<0>(), report.get<1>(), report.get<2>().at(0), report.get<2>().at(1));

  // The arguments of FlushMessage and TestRelay.
  if (const auto id = mail::QueueId::Parse(input)) Require(id->View() == input && IsPrintable(input), input);
  const auto section = "Relay." + std::string(input);
  const auto name = config::RelayNameOf(section);
  Require(name.empty() || (name == input && config::IsCredentialLabel(input) && IsPrintable(input)), input);
  CheckWire(Quote(input));
}

// Parts: a user's name, their relays, options, a label and its credential.
void Choice(std::string_view input) {
  if (const auto choice = courier::ParseChoice(input)) Require(!choice->owner.empty(), input);
  (void)courier::FindCredential(input, "label");
  const auto parts = Parts(input);
  if (parts.size() < 5) return;
  courier::ChoiceWriter writer({.owner = parts[0], .made = 17, .relays = parts[1], .options = parts[2]});
  const bool is_added = config::IsCredentialLabel(parts[3]) && writer.Add(parts[3], parts[4]);
  const auto choice = courier::ParseChoice(writer.Text());
  Require(choice.has_value() == !parts[0].empty(), input);
  if (!choice) return;
  Require(choice->owner == parts[0] && choice->made == 17, input);
  Require(choice->relays == parts[1] && choice->options == parts[2], input);
  const auto found = courier::FindCredential(writer.Text(), parts[3]);
  Require(found.has_value() == is_added && (!found || *found == parts[4]), input);
}

void CourierAnswer(std::string_view input) {
  if (const auto answer = CheckReadAgain<courier::Answer>(input)) CheckParts(*answer);
}

void CourierRequest(std::string_view input) {
  (void)CheckReadAgain<courier::Request>(input);
}

void Launch(std::string_view input) {
  if (const auto request = CheckReadAgain<courier::LaunchRequest>(input))
    Require(request->serial != 0 && request->uid != static_cast<uid_t>(-1), input);
  (void)CheckReadAgain<courier::LaunchReply>(input);
}

}  // namespace fuzz
