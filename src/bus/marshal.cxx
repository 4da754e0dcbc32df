// SPDX-License-Identifier: BSD-2-Clause
#include "bus/marshal.hxx"

namespace bus {

namespace {

constexpr std::size_t kFixedSize = 80;           // numbers, lengths and padding of a message
constexpr std::size_t kFixedRecipientSize = 40;  // and of a recipient, or of a line

WireRecipient RecipientToWire(const RecipientStatus& recipient) {
  return {ToWire(recipient.address), recipient.state, ToWire(recipient.status), ToWire(recipient.text)};
}

RecipientStatus RecipientFromWire(const WireRecipient& recipient) {
  return {recipient.get<0>(), recipient.get<1>(), recipient.get<2>(), recipient.get<3>()};
}

std::uint64_t TimeToWire(mail::Time time) noexcept {
  const auto us = mail::ToMicroseconds(time);
  return us > 0 ? static_cast<std::uint64_t>(us) : 0;
}

mail::Time TimeFromWire(std::uint64_t us) noexcept {
  return mail::FromMicroseconds(static_cast<long long>(us));
}

}  // namespace

WireMessage ToWire(const MessageStatus& message) {
  std::vector<WireRecipient> recipients;
  recipients.reserve(message.recipients.size());
  for (const auto& recipient : message.recipients) recipients.push_back(RecipientToWire(recipient));
  return {message.id,
          TimeToWire(message.created),
          message.size,
          ToWire(message.sender),
          message.submitter,
          message.attempts,
          TimeToWire(message.next_attempt),
          message.state,
          ReplaceInvalidUtf8(message.reason),
          message.open_recipients,
          std::move(recipients)};
}

MessageStatus FromWire(const WireMessage& message) {
  MessageStatus status{.id = message.get<0>(),
                       .created = TimeFromWire(message.get<1>()),
                       .size = message.get<2>(),
                       .sender = message.get<3>(),
                       .submitter = message.get<4>(),
                       .attempts = message.get<5>(),
                       .next_attempt = TimeFromWire(message.get<6>()),
                       .state = message.get<7>(),
                       .reason = message.get<8>(),
                       .open_recipients = message.get<9>(),
                       .recipients = {}};
  for (const auto& recipient : message.get<10>()) status.recipients.push_back(RecipientFromWire(recipient));
  return status;
}

std::size_t WireSize(const WireMessage& message) noexcept {
  std::size_t size = kFixedSize + message.get<0>().size() + message.get<3>().size() +
                     message.get<7>().size() + message.get<8>().size();
  for (const auto& r : message.get<10>())
    size +=
        kFixedRecipientSize + r.get<0>().size() + r.get<1>().size() + r.get<2>().size() + r.get<3>().size();
  return size;
}

WireRouteLine ToWire(const RouteLine& line) {
  return {line.depth, ToWire(line.what), ToWire(line.where), ToWire(line.end), line.state};
}

std::size_t WireSize(const WireRouteLine& line) noexcept {
  return kFixedRecipientSize + line.get<1>().size() + line.get<2>().size() + line.get<3>().size() +
         line.get<4>().size();
}

RouteLine FromWire(const WireRouteLine& line) {
  return {line.get<0>(), line.get<1>(), line.get<2>(), line.get<3>(), line.get<4>()};
}

WireRelayReport ToWire(const mail::RelayReport& report) {
  std::vector<std::string> lines;
  lines.reserve(report.lines.size());
  for (const auto& line : report.lines) lines.push_back(ToWire(line));
  return {ToWire(report.relay), ToWire(report.status), std::move(lines)};
}

mail::RelayReport FromWire(const WireRelayReport& report) {
  return {report.get<0>(), report.get<1>(), report.get<2>()};
}

}  // namespace bus
