// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/settlement.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "bounce/notification.hxx"
#include "programs/runner/story.hxx"

#include <sys/random.h>
#include <syslog.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace runner {

namespace {

constexpr const char* kPostmaster = "root";

bool IsNewFailure(const mail::Recipient& recipient) noexcept {
  return recipient.IsSettled() && recipient.result->outcome == mail::Outcome::Failed && !recipient.reported;
}

std::string ReadStart(FdRef message, std::size_t size) {
  std::string text(size, '\0');
  const ssize_t n = ::pread(message.Get(), text.data(), size, 0);
  if (n < 0) ThrowErrno("Failed to read a message");
  text.resize(static_cast<std::size_t>(n));
  return text;
}

}  // namespace

mail::QueueId NewQueueId(mail::Time now) {
  std::uint32_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != sizeof random) ThrowErrno("Failed to get random octets");
  return mail::QueueId::Make(now, random);
}

void Settlement::Expire(mail::Envelope& envelope, mail::Time now) const {
  if (now < envelope.created + settings_.queue.lifetime) return;
  for (auto& recipient : envelope.recipients) {
    if (recipient.IsSettled()) continue;
    auto& result = recipient.result ? *recipient.result : recipient.result.emplace();
    result.outcome = mail::Outcome::Failed;
    result.status = "5.4.7";
    result.text = "delivery time expired; the last answer was: " + result.text;
    LogResult(envelope, recipient);
  }
}

std::optional<mail::Envelope> Settlement::Report(mail::Envelope& envelope, mail::Time now) const {
  std::vector<mail::Recipient*> failed;
  bool nobody_told = false;
  for (auto& recipient : envelope.recipients) {
    if (!IsNewFailure(recipient)) continue;
    if (bounce::WantsReport(envelope, recipient))
      failed.push_back(&recipient);
    else
      nobody_told = recipient.reported = true;
  }
  if (nobody_told)
    LogStep(LOG_WARNING, envelope, "a failure is not reported, as its sender asked or has no address");
  if (nobody_told && envelope.sender.empty()) GiveToPostmaster(envelope);
  if (failed.empty()) return std::nullopt;
  auto notification = QueueNotification(envelope, failed, now);
  for (auto* recipient : failed) recipient->reported = true;
  envelope.bounce.reset();
  return notification;
}

// A notification that can't be delivered is the last trace of a message: somebody here should see it.
void Settlement::GiveToPostmaster(mail::Envelope& envelope) const {
  const auto is_postmaster = [](const auto& recipient) { return recipient.address == kPostmaster; };
  if (std::ranges::any_of(envelope.recipients, is_postmaster)) return;
  envelope.recipients.emplace_back().address = kPostmaster;
  LogStep(LOG_WARNING, envelope, "goes to the postmaster");
}

mail::Envelope Settlement::QueueNotification(mail::Envelope& envelope,
                                             const std::vector<mail::Recipient*>& failed,
                                             mail::Time now) const {
  if (!envelope.bounce) {  // its ID is stored first, so that a crash from here on doesn't report twice
    envelope.bounce = NewQueueId(now);
    queue_.Update(envelope, spool::Queue::Durability::Now);
  }
  const UniqueFd message = queue_.OpenMessage(envelope.id);
  const std::string original = ReadStart(message, bounce::kMaxReturned);
  const bool cut = envelope.message_size > original.size();
  const bounce::Report report{envelope,
                              {failed.begin(), failed.end()},
                              original,
                              cut,
                              settings_.mail.hostname,
                              settings_.mail.domain,
                              *envelope.bounce,
                              now};
  auto notification = bounce::MakeEnvelope(report);
  if (queue_.Contains(notification.id)) return notification;
  spool::QueueBatch batch(queue_);
  batch.Add(notification, bounce::MakeNotification(report));
  notification = std::move(batch.Commit().front());
  LogStep(LOG_NOTICE, envelope, "returned to its sender as " + notification.id.ToString());
  return notification;
}

}  // namespace runner
