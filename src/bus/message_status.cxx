// SPDX-License-Identifier: BSD-2-Clause
#include "bus/message_status.hxx"

namespace bus {

namespace {

RecipientStatus MakeStatus(const mail::Recipient& recipient) {
  if (!recipient.result) return {recipient.address, "waiting", {}, {}};
  const mail::DeliveryResult& result = *recipient.result;
  return {recipient.address, std::string(mail::ToString(result.outcome)), result.status, result.text};
}

// What is still of interest of it.
bool IsListed(const mail::Recipient& recipient, bool held) noexcept {
  return !recipient.IsSettled() || (held && recipient.result->outcome == mail::Outcome::Failed);
}

}  // namespace

std::string_view ToString(State state) noexcept {
  switch (state) {
    case State::Active:
      return "active";
    case State::Deferred:
      return "deferred";
    case State::Held:
      return "held";
    case State::Waiting:
      return "waiting";
    case State::Damaged:
      return "damaged";
    case State::Newer:
      return "newer";
    case State::Queued:
      break;
  }
  return "queued";
}

MessageStatus MakeStatus(const mail::Envelope& envelope, State state) {
  MessageStatus status{.id = envelope.id.ToString(),
                       .created = envelope.created,
                       .size = envelope.message_size,
                       .sender = envelope.sender,
                       .submitter = envelope.submitter,
                       .attempts = envelope.attempts,
                       .next_attempt = envelope.next_attempt,
                       .state = std::string(ToString(state)),
                       .reason = envelope.held,
                       .open_recipients = 0,
                       .recipients = {}};
  for (const auto& recipient : envelope.recipients) {
    if (!IsListed(recipient, state == State::Held)) continue;
    if (++status.open_recipients <= MessageStatus::kMaxRecipients)
      status.recipients.push_back(MakeStatus(recipient));
  }
  return status;
}

}  // namespace bus
