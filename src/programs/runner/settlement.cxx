// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/settlement.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "bounce/notification.hxx"
#include "courier/protocol.hxx"
#include "programs/runner/story.hxx"

#include <sys/random.h>
#include <syslog.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace runner {

namespace {

constexpr const char* kPostmaster = "root";
constexpr std::string_view kKept = "; older than Lifetime=, but not returned";

// What has failed, a recipient or one of its ends, and not been reported.
struct Failure {
  mail::Recipient recipient;  // as the report shows it
  bool* reported;
};
using Failures = std::map<std::string, std::vector<Failure>>;  // by who is told

bool IsNewFailure(const auto& addressee) noexcept {
  return addressee.IsSettled() && addressee.result->outcome == mail::Outcome::Failed && !addressee.reported;
}

mail::Recipient ShowEnd(const mail::Recipient& recipient, const mail::End& end) {
  mail::Recipient shown;
  shown.address = end.address;
  shown.result = end.result;
  shown.notify = recipient.notify;
  shown.original = recipient.original.empty() ? "rfc822;" + recipient.address : recipient.original;
  return shown;
}

Failures FindFailures(mail::Envelope& envelope) {
  Failures failures;
  for (auto& recipient : envelope.recipients) {
    if (recipient.ends.empty() && IsNewFailure(recipient))
      failures[envelope.sender].push_back({recipient, &recipient.reported});
    for (auto& end : recipient.ends)
      if (IsNewFailure(end)) failures[end.sender].push_back({ShowEnd(recipient, end), &end.reported});
  }
  return failures;
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
    for (auto& end : recipient.ends)
      if (!end.IsSettled()) Expire(envelope, recipient.address, end.address, end.result);
    if (std::ranges::all_of(recipient.ends, &mail::End::IsSettled))
      Expire(envelope, recipient.address, recipient.address, recipient.result);
  }
}

void Settlement::Expire(const mail::Envelope& envelope, const std::string& recipient, const std::string& end,
                        std::optional<mail::DeliveryResult>& result) {
  if (!result) result.emplace();
  if (result->status == courier::kLoginRefused) {
    if (result->text.find(kKept) == std::string::npos) result->text += kKept;
    return;
  }
  result->outcome = mail::Outcome::Failed;
  result->status = "5.4.7";
  result->text = "delivery time expired; the last answer was: " + result->text;
  LogResult(envelope, recipient, end, *result);
}

std::vector<mail::Envelope> Settlement::Report(mail::Envelope& envelope, mail::Time now) const {
  std::vector<mail::Envelope> notifications;
  bool nobody_told = false;
  bool sender_is_null = false;
  for (const auto& [sender, failures] : FindFailures(envelope)) {
    std::vector<mail::Recipient> wanted;
    for (const auto& failure : failures)
      if (bounce::WantsReport(sender, failure.recipient)) wanted.push_back(failure.recipient);
    nobody_told |= wanted.size() < failures.size();
    sender_is_null |= sender.empty();
    if (!wanted.empty()) notifications.push_back(QueueNotification(envelope, sender, std::move(wanted), now));
    for (const auto& failure : failures) *failure.reported = true;
    envelope.bounce.reset();
  }
  if (nobody_told)
    LogStep(LOG_WARNING, envelope, "a failure is not reported, as its sender asked or has no address");
  if (sender_is_null) GiveToPostmaster(envelope);
  return notifications;
}

// A notification that can't be delivered is the last trace of a message: somebody here should see it.
void Settlement::GiveToPostmaster(mail::Envelope& envelope) const {
  const auto is_postmaster = [](const auto& recipient) { return recipient.address == kPostmaster; };
  if (std::ranges::any_of(envelope.recipients, is_postmaster)) return;
  envelope.recipients.emplace_back().address = kPostmaster;
  LogStep(LOG_WARNING, envelope, "goes to the postmaster");
}

mail::Envelope Settlement::QueueNotification(mail::Envelope& envelope, const std::string& sender,
                                             std::vector<mail::Recipient> failed, mail::Time now) const {
  if (!envelope.bounce) {  // its ID is stored first, so that a crash from here on doesn't report twice
    envelope.bounce = NewQueueId(now);
    queue_.Update(envelope, spool::Queue::Durability::Now);
  }
  const UniqueFd message = queue_.OpenMessage(envelope.id);
  const std::string original = ReadStart(message, bounce::kMaxReturned);
  const bool cut = envelope.message_size > original.size();
  const bounce::Report report{envelope,
                              sender,
                              std::move(failed),
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
