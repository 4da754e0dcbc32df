// SPDX-License-Identifier: BSD-2-Clause
#include "queue/settlement.hxx"

#include "bounce/notification.hxx"
#include "courier/protocol.hxx"
#include "queue/message_log.hxx"

#include <syslog.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace queue {

namespace {

constexpr std::string_view kKept = "; older than Lifetime=, but not returned";

// What has failed, a recipient or one of its ends, and not been reported. Of the envelope, where there may be
// thousands: nothing is copied.
struct Failure {
  const mail::Recipient* recipient;
  const mail::End* end;       // null: the recipient itself has failed
  const std::string* sender;  // who is told; empty: nobody can be
  bool* reported;
};

bool HasFailed(const auto& addressee) noexcept {
  return addressee.result && addressee.result->outcome == mail::Outcome::Failed;
}

bool IsUnreported(const auto& addressee) noexcept {
  return HasFailed(addressee) && !addressee.reported;
}

// A recipient's failure is that of its ends, or its own where none of them has failed.
bool HasOwnFailure(const mail::Recipient& recipient) noexcept {
  return IsUnreported(recipient) && std::ranges::none_of(recipient.ends, HasFailed<mail::End>);
}

bool HasUnreported(const mail::Recipient& recipient) noexcept {
  return HasOwnFailure(recipient) || std::ranges::any_of(recipient.ends, IsUnreported<mail::End>);
}

// As the report shows it.
mail::Recipient Show(const Failure& failure) {
  const auto& recipient = *failure.recipient;
  if (!failure.end) return recipient;
  const auto& end = *failure.end;
  mail::Recipient shown;
  shown.address = end.address;
  shown.result = end.result;
  shown.notify = recipient.notify;
  shown.original = recipient.original.empty() ? "rfc822;" + recipient.address : recipient.original;
  return shown;
}

std::vector<Failure> FindFailures(mail::Envelope& envelope) {
  std::vector<Failure> failures;
  for (auto& recipient : envelope.recipients) {
    if (HasOwnFailure(recipient))
      failures.push_back({&recipient, nullptr, &envelope.sender, &recipient.reported});
    for (auto& end : recipient.ends)
      if (IsUnreported(end)) failures.push_back({&recipient, &end, &end.sender, &end.reported});
  }
  return failures;
}

void SetReported(const std::vector<Failure>& failures) noexcept {
  for (const auto& failure : failures) *failure.reported = true;
}

// Takes out of @p failures what @p predicate is true for.
template <typename Predicate>
std::vector<Failure> TakeOut(std::vector<Failure>& failures, Predicate predicate) {
  const auto taken = std::ranges::stable_partition(failures, std::not_fn(predicate));
  std::vector<Failure> result(taken.begin(), taken.end());
  failures.erase(taken.begin(), taken.end());
  return result;
}

bool IsDelivered(const auto& addressee) noexcept {
  return addressee.result && addressee.result->outcome == mail::Outcome::Delivered;
}

// A recipient with several ends has the message as soon as one of them has.
bool HasArrived(const mail::Recipient& recipient) {
  return IsDelivered(recipient) || std::ranges::any_of(recipient.ends, IsDelivered<mail::End>);
}

// What can't be reported is the last trace of a message: somebody here should see it. Whether they have is
// known after the next attempt.
void GiveToPostmaster(mail::Envelope& envelope, const std::vector<Failure>& failures, MessageLog& log) {
  const auto found = std::ranges::find(envelope.recipients, kPostmaster, &mail::Recipient::address);
  if (found != envelope.recipients.end()) {
    if (HasArrived(*found)) SetReported(failures);
    return;
  }
  log.Step(LOG_WARNING, envelope,
           "a failure can't be reported, since there is no sender; it goes to the postmaster");
  envelope.recipients.emplace_back().address = kPostmaster;
}

}  // namespace

void Settlement::Expire(mail::Envelope& envelope, mail::Time now) const {
  if (now < envelope.created + settings_.queue.lifetime) return;
  ResultLog log(log_, envelope);
  for (auto& recipient : envelope.recipients) {
    if (recipient.IsSettled()) continue;
    for (auto& end : recipient.ends)
      if (!end.IsSettled()) Expire(log, recipient.address, end.address, end.result);
    if (std::ranges::all_of(recipient.ends, &mail::End::IsSettled))
      Expire(log, recipient.address, recipient.address, recipient.result);
  }
}

void Settlement::Expire(ResultLog& log, const std::string& recipient, const std::string& end,
                        std::optional<mail::DeliveryResult>& result) {
  if (!result) result.emplace();
  if (result->status == courier::kLoginRefused) {
    if (result->text.find(kKept) == std::string::npos) result->text += kKept;
    return;
  }
  result->outcome = mail::Outcome::Failed;
  result->status = "5.4.7";
  result->text = "delivery time expired; the last answer was: " + result->text;
  log.Add(recipient, end, *result);
}

bool Settlement::Report(mail::Envelope& envelope, mail::Time now, const OnQueued& on_queued) const {
  auto failures = FindFailures(envelope);
  const auto unwanted =
      TakeOut(failures, [](const Failure& failure) { return !bounce::WantsReport(*failure.recipient); });
  if (!unwanted.empty()) log_.Step(LOG_WARNING, envelope, "a failure is not reported, as its sender asked");
  SetReported(unwanted);
  const auto unsent = TakeOut(failures, [](const Failure& failure) { return failure.sender->empty(); });
  if (!failures.empty()) {
    const auto& sender = *failures.front().sender;
    const auto told = TakeOut(failures, [&](const Failure& failure) { return *failure.sender == sender; });
    std::vector<mail::Recipient> shown;
    shown.reserve(told.size());
    std::ranges::transform(told, std::back_inserter(shown), Show);
    QueueNotification(envelope, sender, std::move(shown), now, on_queued);
    SetReported(told);
    envelope.bounce.reset();
  }
  if (!failures.empty()) return true;
  if (!unsent.empty())
    GiveToPostmaster(envelope, unsent, log_);  // last: it may move the recipients in memory
  return false;
}

Settlement::Next Settlement::WhatNext(const mail::Envelope& envelope) {
  if (!std::ranges::all_of(envelope.recipients, &mail::Recipient::IsSettled)) return Next::Attempt;
  return std::ranges::any_of(envelope.recipients, HasUnreported) ? Next::Hold : Next::Removal;
}

void Settlement::Hold(mail::Envelope& envelope) {
  const auto failures = FindFailures(envelope);
  if (failures.empty()) return;
  const auto last = Show(failures.back());  // the postmaster, mostly
  const auto why = "nobody has taken the report that it failed; <" + last.address +
                   ">: " + last.result->status + " " + last.result->text;
  envelope.held = why.substr(0, courier::kMaxResultText);
}

void Settlement::Release(mail::Envelope& envelope) {
  envelope.held.clear();
  for (auto& recipient : envelope.recipients) {
    if (!HasUnreported(recipient)) continue;
    std::erase_if(recipient.ends, IsUnreported<mail::End>);
    recipient.result.reset();
  }
}

void Settlement::QueueNotification(mail::Envelope& envelope, const std::string& sender,
                                   std::vector<mail::Recipient> failed, mail::Time now,
                                   const OnQueued& on_queued) const {
  if (!envelope.bounce) {  // its ID is stored first, so that a crash from here on doesn't report twice
    envelope.bounce = NewQueueId(now, environment_.random);
    environment_.store.Update(envelope, Store::Durability::Now);
  }
  const auto original = environment_.store.ReadMessage(envelope.id, bounce::kMaxReturned);
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
  const auto text = bounce::MakeNotification(report);
  if (environment_.store.Add(notification, text))
    log_.Step(LOG_NOTICE, envelope, "returned to its sender as " + notification.id.ToString());
  on_queued(std::move(notification));
}

}  // namespace queue
