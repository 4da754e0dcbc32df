// SPDX-License-Identifier: BSD-2-Clause
#include "drop_text.hxx"

#include "mail/envelope.hxx"
#include "mailbox.hxx"
#include "paths.h"
#include "spool/drop_format.hxx"

#include <random>

namespace machine {

std::string DropDirectory() {
  return std::string(MAILQUEUE_SPOOLDIR) + "/drop";
}

std::string MakeQueueId() {
  static std::random_device random;
  return mail::QueueId::Make(mail::Now(), random()).ToString();
}

std::string MakeDrop(const std::string& id, const std::string& subject,
                     const std::vector<std::string>& recipients) {
  mail::Envelope envelope;
  envelope.id = mail::QueueId::Parse(id).value();
  envelope.sender = "alice@localhost";
  envelope.created = mail::Now();
  for (const auto& recipient : recipients) envelope.recipients.push_back({recipient, {}, false, {}, {}});
  const auto message = MakeMessage(subject);
  envelope.message_size = message.size();
  const auto text = envelope.ToText();
  return spool::DropHead{text.size(), message.size()}.ToText() + text + message;
}

}  // namespace machine
