// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/scheduler.hxx"

#include "programs/runner/relay_test.hxx"
#include "programs/runner/settlement.hxx"
#include "programs/runner/story.hxx"
#include "service/journal.hxx"
#include "spool/retry.hxx"

#include <asio/post.hpp>

#include <syslog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace runner {

namespace {

constexpr std::size_t kMaxActive = 400;       // each holds a descriptor or two
constexpr std::size_t kMaxActiveOfOne = 200;  // of one submitter, so that nobody's mail waits for another's
constexpr auto kFirstLostDelay = std::chrono::seconds(1);
constexpr auto kFirstFaultDelay = std::chrono::seconds(1);  // the spool itself fails: a full disk, mostly
constexpr auto kLongestFaultDelay = std::chrono::seconds(30);

// Not a server's, which may say the same and mean its own.
bool IsAboutMailbox(const std::optional<mail::DeliveryResult>& result) {
  return result && result->outcome == mail::Outcome::Deferred && result->status.starts_with("4.2.") &&
         result->remote.empty();
}

bool AwaitsMailbox(const mail::Envelope& envelope) {
  return std::ranges::any_of(envelope.recipients, [](const mail::Recipient& recipient) {
    return IsAboutMailbox(recipient.result) ||
           std::ranges::any_of(recipient.ends, IsAboutMailbox, &mail::End::result);
  });
}

}  // namespace

Scheduler::Scheduler(asio::io_context& context, const spool::Queue& queue, SettingsWatch& settings,
                     std::function<void()> on_change)
    : context_(context),
      queue_(queue),
      settings_(settings),
      on_change_(std::move(on_change)),
      couriers_(context),
      destinations_([this](const std::string& key) { OnDestination(key); }),
      routing_(context),
      explaining_(context),
      timer_(context) {}

void Scheduler::Resume(std::vector<mail::Envelope> envelopes) {
  for (auto& envelope : envelopes) Insert(std::move(envelope), true);
  // A notification must not leave before the message that it reports on knows of it.
  std::vector<mail::QueueId> unfinished;
  for (const auto& [id, entry] : entries_)
    if (entry.envelope.bounce) unfinished.push_back(id);
  for (const auto& id : unfinished) Conclude(entries_.at(id), {});
  PumpSoon();
}

void Scheduler::Add(std::vector<mail::Envelope> envelopes) {
  for (auto& envelope : envelopes) {
    LogTaken(envelope);
    Insert(std::move(envelope), false);
  }
  PumpSoon();
  on_change_();
}

void Scheduler::Insert(mail::Envelope envelope, bool again) {
  const auto id = envelope.id;
  const auto [found, is_new] = entries_.try_emplace(id);
  if (!is_new) return;
  Entry& entry = found->second;
  entry.envelope = std::move(envelope);
  entry.again = again;
  if (!entry.envelope.held.empty()) held_.insert(id);
  SetDue(entry, entry.envelope.next_attempt);
}

void Scheduler::SetDue(Entry& entry, mail::Time due) {
  due_.erase({entry.due, entry.envelope.id});
  entry.due = due;
  if (entry.MayBeTried()) due_.insert({entry.due, entry.envelope.id});
}

// @return false if it stays as it is
bool Scheduler::MakeDue(Entry& entry, bool release) {
  if (release && !entry.envelope.held.empty()) {
    Settlement::Release(entry.envelope);
    held_.erase(entry.envelope.id);
    LogStep(LOG_NOTICE, entry.envelope, "is released and tried again");
  }
  if (!entry.MayBeTried()) return false;
  SetDue(entry, mail::Time{});
  return true;
}

unsigned Scheduler::Flush(std::optional<uid_t> only) {
  unsigned count = 0;
  destinations_.Forgive();
  for (auto& [id, entry] : entries_) {
    if (only && entry.envelope.submitter != *only) continue;
    count += MakeDue(entry, !only);
  }
  PumpSoon();
  return count;
}

void Scheduler::Explain(std::string sender, std::vector<std::string> addresses, std::optional<uid_t> reader,
                        Explanation::Done done) {
  const auto& settings = settings_.Refresh();
  std::make_shared<Explanation>(settings, explaining_, couriers_, reader, std::move(done))
      ->Start(std::move(sender), std::move(addresses));
}

void Scheduler::TestRelay(const std::string& name, std::function<void(std::vector<mail::RelayReport>)> done) {
  Order order{MakeRelayTest(settings_.Refresh(), name), {}, {}};
  order.done = [done = std::move(done)](const Reply& reply) { done(reply.reports); };
  couriers_.Probe(std::move(order));
}

std::vector<std::string> Scheduler::Warnings() const {
  auto texts = routing_.Faults();
  texts.insert(texts.end(), notices_.All().begin(), notices_.All().end());
  if (!held_.empty())
    texts.push_back(std::to_string(held_.size()) + (held_.size() == 1 ? " message is" : " messages are") +
                    " held until root has them tried again (mailqueuectl flush): nobody has taken the report "
                    "of a failure");
  return texts;
}

bool Scheduler::FlushMessage(mail::QueueId id, std::optional<uid_t> only) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || (only && found->second.envelope.submitter != *only)) return false;
  destinations_.Forgive();
  MakeDue(found->second, !only);
  PumpSoon();
  return true;
}

void Scheduler::OnMountChange() {
  couriers_.OnMountChange();
  for (auto& [id, entry] : entries_)
    if (AwaitsMailbox(entry.envelope)) MakeDue(entry, false);
  PumpSoon();
}

void Scheduler::Stop() {
  stopped_ = true;
  timer_.cancel();
}

void Scheduler::PumpSoon() {
  if (std::exchange(pump_scheduled_, true)) return;
  asio::post(context_, [this] { Pump(); });
}

void Scheduler::Pump() {
  pump_scheduled_ = false;
  settings_.Refresh();
  const auto now = mail::Now();
  for (auto next = due_.begin();
       !stopped_ && active_ < kMaxActive && next != due_.end() && next->first <= now;) {
    Entry& entry = entries_.at((next++)->second);
    const auto submitter = active_of_.find(entry.envelope.submitter);
    if (submitter == active_of_.end() || submitter->second < kMaxActiveOfOne) StartAttempt(entry);
  }
  StartTimer(now);
}

// @param now what was due then has been started, or waits for an attempt to end
void Scheduler::StartTimer(mail::Time now) {
  const auto next = due_.lower_bound({now + mail::Duration(1), mail::QueueId()});
  if (stopped_ || next == due_.end() || active_ >= kMaxActive) return;
  timer_.expires_at(next->first);
  timer_.async_wait([this](std::error_code error) {
    if (!error) PumpSoon();
  });
}

void Scheduler::StartAttempt(Entry& entry) {
  due_.erase({entry.due, entry.envelope.id});
  entry.active = true;
  entry.awaits.clear();
  ++active_;
  ++active_of_[entry.envelope.submitter];
  const auto finished = [this, &entry](const Attempt::End& end) {
    // Not from within a courier's answer: what follows may end the courier.
    asio::post(context_, [this, &entry, end] { OnFinished(entry, end); });
  };
  const Attempt::Means means{queue_, routing_, couriers_, destinations_, notices_};
  std::make_shared<Attempt>(entry, settings_.Current(), means, finished)->Start();
}

void Scheduler::OnFinished(Entry& entry, const Attempt::End& end) {
  entry.active = false;
  --active_;
  const auto submitter = active_of_.find(entry.envelope.submitter);
  if (--submitter->second == 0) active_of_.erase(submitter);
  Conclude(entry, end);
  PumpSoon();
  on_change_();
}

void Scheduler::Conclude(Entry& entry, const Attempt::End& end) {
  try {
    Settle(entry, end);
  } catch (const std::exception& e) {
    const auto longest = std::min<mail::Duration>(kLongestFaultDelay, settings_.Current().queue.retry_max);
    const auto delay = spool::RetryDelay(++entry.faults, kFirstFaultDelay, longest);
    LogStep(LOG_ERR, entry.envelope,
            std::string("can't store what became of it: ") + e.what() + ", retrying in " +
                std::to_string(std::chrono::floor<std::chrono::seconds>(delay).count()) + " s");
    SetDue(entry, mail::Now() + delay);
  }
}

void Scheduler::Settle(Entry& entry, const Attempt::End& end) {
  auto& envelope = entry.envelope;
  const auto now = mail::Now();
  const Settlement settlement(queue_, settings_.Current());
  // A notification is in the schedule as soon as it is in the queue, whatever fails from here on.
  const auto on_queued = [&](mail::Envelope notification) { Await(entry, std::move(notification)); };
  if (envelope.bounce)
    settlement.Report(envelope, now, on_queued);  // one that was begun holds what had failed then
  settlement.Expire(envelope, now);
  settlement.Report(envelope, now, on_queued);
  const auto next = Settlement::WhatNext(envelope);
  if (next == Settlement::Next::Attempt) Postpone(entry, end);
  if (next == Settlement::Next::Hold) Hold(entry);
  if (next == Settlement::Next::Removal) queue_.Remove(envelope.id);
  entry.faults = 0;
  Announce(std::exchange(entry.notifications, {}));
  if (next == Settlement::Next::Removal) Drop(entry);
}

void Scheduler::Await(Entry& entry, mail::Envelope notification) {
  const auto id = notification.id;
  Insert(std::move(notification), false);  // after a restart it is there already
  auto& inserted = entries_.at(id);
  due_.erase({inserted.due, id});
  if (!std::exchange(inserted.unannounced, true)) entry.notifications.push_back(id);
}

// Their message knows of them now.
void Scheduler::Announce(const std::vector<mail::QueueId>& notifications) {
  for (const auto& id : notifications) {
    auto& entry = entries_.at(id);
    entry.unannounced = false;
    SetDue(entry, entry.envelope.next_attempt);
  }
}

void Scheduler::Hold(Entry& entry) {
  auto held = entry.envelope;
  Settlement::Hold(held);
  queue_.Update(held, spool::Queue::Durability::Now);
  entry.envelope = std::move(held);
  held_.insert(entry.envelope.id);
  LogStep(LOG_ERR, entry.envelope, "is held: " + entry.envelope.held + "; see mailqueuectl(1)");
}

void Scheduler::Postpone(Entry& entry, const Attempt::End& end) {
  auto& envelope = entry.envelope;
  const auto& queue = settings_.Current().queue;
  // Part of a copy may be there even if the agent could say no: at a quota, an mbox can't always be cut back.
  entry.again = true;
  if (end.lost) {
    // Nobody said no, so it is no attempt: soon again, but not in a circle.
    SetDue(entry, mail::Now() + spool::RetryDelay(++entry.lost, kFirstLostDelay, queue.retry_max));
    queue_.Update(envelope, spool::Queue::Durability::Later);
    return;
  }
  entry.lost = 0;
  const bool has_new =
      std::ranges::any_of(envelope.recipients, [](const auto& recipient) { return !recipient.result; });
  if (!has_new && (end.tried || end.busy.empty())) ++envelope.attempts;
  envelope.next_attempt =
      has_new ? mail::Time{}
              : mail::Now() + spool::RetryDelay(envelope.attempts, queue.retry_min, queue.retry_max);
  // With the destination's next attempt, not after it.
  if (!has_new && end.until != mail::Time{}) envelope.next_attempt = end.until;
  queue_.Update(envelope, spool::Queue::Durability::Later);
  SetDue(entry, envelope.next_attempt);
  Await(entry, end.busy);
}

// One that is busy no longer has told so already.
void Scheduler::Await(Entry& entry, const std::vector<std::string>& destinations) {
  const auto now = mail::Now();
  for (const auto& key : destinations) {
    if (!destinations_.IsBusy(key, now)) return SetDue(entry, mail::Time{});
    entry.awaits.push_back(key);
  }
}

void Scheduler::OnDestination(const std::string& key) {
  for (auto& [id, entry] : entries_)
    if (std::ranges::count(entry.awaits, key) > 0) MakeDue(entry, false);
  PumpSoon();
}

void Scheduler::Drop(Entry& entry) {
  const auto id = entry.envelope.id;
  LogStep(LOG_INFO, entry.envelope, "done");
  due_.erase({entry.due, id});
  entries_.erase(id);
}

}  // namespace runner
