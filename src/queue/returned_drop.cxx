// SPDX-License-Identifier: BSD-2-Clause
#include "queue/returned_drop.hxx"

#include "bounce/notification.hxx"
#include "queue/settlement.hxx"

#include <utility>
#include <vector>

namespace queue {

std::optional<ReturnedDrop> MakeReturnedDrop(const mail::Envelope& envelope, std::string_view original,
                                             const mail::DeliveryResult& result,
                                             const config::Settings& settings, mail::Time now) {
  const std::string sender = envelope.sender.empty() ? kPostmaster : envelope.sender;
  std::vector<mail::Recipient> failed;
  for (auto recipient : envelope.recipients) {
    recipient.result = result;
    if (bounce::WantsReport(recipient)) failed.push_back(std::move(recipient));
  }
  if (failed.empty()) return std::nullopt;
  const bounce::Report report{envelope,
                              sender,
                              std::move(failed),
                              original,
                              envelope.message_size > original.size(),
                              settings.mail.hostname,
                              settings.mail.domain,
                              envelope.id,
                              now};
  return ReturnedDrop{bounce::MakeEnvelope(report), bounce::MakeNotification(report)};
}

}  // namespace queue
