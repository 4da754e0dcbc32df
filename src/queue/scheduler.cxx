// SPDX-License-Identifier: BSD-2-Clause
#include "queue/scheduler.hxx"

#include "queue/settlement.hxx"
#include "queue/slices.hxx"
#include "spool/retry.hxx"

#include <syslog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <limits>
#include <malloc.h>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace queue {

namespace {

constexpr std::size_t kAttempts = 440;      // under way; a message with many ends counts several times
constexpr std::size_t kRootsAttempts = 40;  // of them
constexpr auto kAll = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kKeptOctets = 4096;                    // of recipients that wait: more is on disk only
constexpr std::size_t kTrimAbove = std::size_t{256} * 1024;  // octets: worth giving back to the system
constexpr auto kFirstLostDelay = std::chrono::seconds(1);    // where nobody has said no
constexpr auto kFirstFaultDelay = std::chrono::seconds(1);   // the spool itself fails: a full disk, mostly
constexpr auto kLongestFaultDelay = std::chrono::seconds(30);

// Not a server's, which may say the same and mean its own.
bool IsAboutMailbox(const std::optional<mail::DeliveryResult>& result) {
  return result && result->outcome == mail::Outcome::Deferred && result->status.starts_with("4.2.") &&
         result->remote.empty();
}

std::size_t CountOpen(const mail::Envelope& envelope) {
  return static_cast<std::size_t>(
      std::ranges::count_if(envelope.recipients, std::not_fn(&mail::Recipient::IsSettled)));
}

// What a recipient, end or result needs in memory beside its texts.
constexpr std::size_t kFixedOctets = 200;

std::size_t MemoryOf(const std::optional<mail::DeliveryResult>& result) {
  return result ? result->text.size() + result->remote.size() : 0;
}

std::size_t MemoryOf(const mail::Recipient& recipient) {
  auto size = kFixedOctets + recipient.address.size() + recipient.notify.size() + recipient.original.size() +
              MemoryOf(recipient.result);
  for (const auto& end : recipient.ends)
    size += kFixedOctets + end.key.size() + end.address.size() + end.sender.size() + MemoryOf(end.result);
  return size;
}

std::size_t MemoryOf(const std::vector<mail::Recipient>& recipients) {
  std::size_t size = 0;
  for (const auto& recipient : recipients) size += MemoryOf(recipient);
  return size;
}

// Of a recipient there is one record, or one for each of its ends.
std::size_t CountRecords(const mail::Envelope& envelope) {
  std::size_t records = 0;
  for (const auto& recipient : envelope.recipients)
    if (!recipient.IsSettled()) records += std::max<std::size_t>(recipient.ends.size(), 1);
  return records;
}

// @param stored octets of the envelope. What is held does not leave by itself, so nothing waits for it
Usage UsageOfMessage(const mail::Envelope& envelope, std::uint64_t stored) {
  const bool is_expanded =
      envelope.held.empty() &&
      std::ranges::any_of(envelope.recipients, [](const auto& r) { return !r.ends.empty(); });
  return {1, envelope.message_size + stored, is_expanded ? 1U : 0U};
}

// What waits until its submitter's other mail has left room for it to grow.
std::string LimitKey(uid_t share) {
  return "limit " + std::to_string(share);
}

bool AwaitsMailbox(const mail::Envelope& envelope) {
  return std::ranges::any_of(envelope.recipients, [](const mail::Recipient& recipient) {
    return IsAboutMailbox(recipient.result) ||
           std::ranges::any_of(recipient.ends, IsAboutMailbox, &mail::End::result);
  });
}

}  // namespace

Scheduler::Scheduler(Environment environment, std::function<void()> on_change)
    : environment_(std::move(environment)),
      on_change_(std::move(on_change)),
      log_(environment_.log, environment_.clock, [this](uid_t submitter) { return ShareOf(submitter); }),
      notices_(environment_.log),
      destinations_([this](const std::string& key) { Wake(key, kAll); }),
      submitters_(environment_.clock, environment_.users, [this](uid_t uid) { OnKnown(uid); }),
      timer_(environment_.clock.MakeTimer([this] { PumpSoon(); })),
      attempts_(kAttempts, kRootsAttempts) {
  environment_.couriers.SetOnRoom([this](route::Courier courier, uid_t uid, std::size_t count) {
    Wake(Attempt::RoomKey(courier, uid), count);
  });
}

void Scheduler::Resume(std::vector<mail::Envelope> envelopes) {
  // A notification must not leave before the message that it reports on knows of it.
  std::vector<mail::QueueId> unfinished;
  for (auto& envelope : envelopes) {
    if (envelope.bounce) unfinished.push_back(envelope.id);
    Insert(std::move(envelope), true);
  }
  for (const auto& id : unfinished)
    while (!Conclude(entries_.at(id), {})) continue;
  PumpSoon();
}

void Scheduler::Add(std::vector<mail::Envelope> envelopes) {
  for (auto& envelope : envelopes) {
    log_.Taken(envelope);
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
  static_cast<void>(ShareOf(entry.envelope.submitter));  // it is asked for, and OnKnown hears of it
  entry.usage = UsageOfMessage(entry.envelope, entry.envelope.ToText().size());
  entry.records = CountRecords(entry.envelope);
  usages_.Add(entry.envelope.submitter, entry.usage, submitters_.HasOwnShare(entry.envelope.submitter));
  SetDue(entry, entry.envelope.next_attempt);
  PutAway(entry);
}

// @param envelope the entry's, or what it becomes
void Scheduler::StoreEnvelope(Entry& entry, const mail::Envelope& envelope, Store::Durability durability) {
  const auto stored = environment_.store.Update(envelope, durability);
  const auto before = std::exchange(entry.usage, UsageOfMessage(envelope, stored));
  usages_.Change(envelope.submitter, before, entry.usage);
  entry.records = CountRecords(envelope);
}

void Scheduler::Unschedule(Entry& entry) {
  const std::pair key{entry.due, entry.envelope.id};
  due_.erase(key);
  if (!std::exchange(entry.ready, false)) return;
  const auto found = ready_.find(entry.share);
  found->second.erase(key);
  if (found->second.empty()) ready_.erase(found);
}

void Scheduler::SetDue(Entry& entry, mail::Time due) {
  Unschedule(entry);
  entry.due = due;
  if (entry.MayBeTried()) due_.insert({entry.due, entry.envelope.id});
}

// @return false if it stays as it is
bool Scheduler::MakeDue(Entry& entry, bool release) {
  if (release && !entry.envelope.held.empty()) {
    Settlement::Release(entry.envelope);
    held_.erase(entry.envelope.id);
    log_.Step(LOG_NOTICE, entry.envelope, "is released and tried again");
  }
  if (!entry.MayBeTried()) return false;
  SetDue(entry, mail::Time{});
  return true;
}

Usage Scheduler::UsageOf(uid_t submitter) {
  return ShareOf(submitter) == Submitters::kUnknown ? usages_.OfUnknown() : usages_.OfSubmitter(submitter);
}

// In slices: the queue may be long. What comes meanwhile is among them, or is new.
template <typename Step>
void Scheduler::ForEachEntry(Step step) {
  InSlices(environment_.clock, [this, step = std::move(step), last = mail::QueueId()]() mutable {
    const auto next = entries_.upper_bound(last);
    if (next == entries_.end()) {
      PumpSoon();
      return false;
    }
    last = next->first;
    step(next->second);
    return true;
  });
}

// A user's flush must not send everybody's mail to a relay that is down: only what is theirs.
bool Scheduler::FlushEntry(Entry& entry, bool release) {
  entry.flushed = environment_.clock.Now();
  return MakeDue(entry, release);
}

unsigned Scheduler::Flush(std::optional<uid_t> only) {
  return FlushAll(only, !only);
}

unsigned Scheduler::TryWaiting() {
  return FlushAll({}, false);
}

unsigned Scheduler::FlushAll(std::optional<uid_t> only, bool release) {
  if (!only) destinations_.Forgive();
  const auto is_meant = [only, release](const Entry& entry) {
    return (!only || entry.envelope.submitter == *only) &&
           (entry.MayBeTried() || (release && !entry.envelope.held.empty()));
  };
  const auto count = std::ranges::count_if(entries_, is_meant, &decltype(entries_)::value_type::second);
  ForEachEntry([this, is_meant, release](Entry& entry) {
    if (is_meant(entry)) FlushEntry(entry, release);
  });
  return static_cast<unsigned>(count);
}

bool Scheduler::FlushMessage(mail::QueueId id, std::optional<uid_t> only) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || (only && found->second.envelope.submitter != *only)) return false;
  FlushEntry(found->second, !only);
  PumpSoon();
  return true;
}

void Scheduler::OnMountChange() {
  environment_.couriers.OnMountChange();
  ForEachEntry([this](Entry& entry) {
    if (entry.away ? entry.away->awaits_mailbox : AwaitsMailbox(entry.envelope)) MakeDue(entry, false);
  });
}

void Scheduler::Stop() {
  stopped_ = true;
  timer_->Cancel();
}

void Scheduler::PumpSoon() {
  if (std::exchange(pump_scheduled_, true)) return;
  environment_.clock.Post([this] { Pump(); });
}

void Scheduler::Pump() {
  pump_scheduled_ = false;
  try {
    static_cast<void>(environment_.settings.Refresh());
    const auto now = environment_.clock.Now();
    const bool is_more_due = TakeSlice(environment_.clock, [&] { return MakeNextReady(now); });
    const bool is_more_ready = TakeSlice(environment_.clock, [this] { return StartNext(); });
    if (is_more_due || is_more_ready) return PumpSoon();
    StartTimer(now);
  } catch (...) {
    WaitUntil(environment_.clock.Now() + kFirstFaultDelay);
    throw;
  }
}

// @return false if none is due
bool Scheduler::MakeNextReady(mail::Time now) {
  if (stopped_ || due_.empty() || due_.begin()->first > now) return false;
  Entry& entry = entries_.at(due_.begin()->second);
  const auto share = submitters_.ShareOf(entry.envelope.submitter);
  if (!share) {
    asking_[entry.envelope.submitter].push_back(entry.envelope.id);
    SetDue(entry, now + Submitters::kPatience);
    return true;
  }
  entry.share = *share;
  entry.places = WeightOf(entry);
  entry.ready = true;
  ready_[entry.share].insert(due_.extract(due_.begin()));
  return true;
}

// Starts an attempt of the next share in turn that has room.
// @return false if there is none
bool Scheduler::StartNext() {
  if (stopped_) return false;
  const auto may_start = [this](const auto& share) {
    return attempts_.MayTake(share.first, entries_.at(share.second.begin()->second).places);
  };
  const auto behind = ready_.upper_bound(last_);
  auto next = std::find_if(behind, ready_.end(), may_start);
  if (next == ready_.end()) next = std::find_if(ready_.begin(), behind, may_start);
  if (next == ready_.end() || !may_start(*next)) return false;
  last_ = next->first;
  StartAttempt(entries_.at(next->second.begin()->second));
  return true;
}

// The uid's mail has waited for that, or was on the share of unknown uids.
void Scheduler::OnKnown(uid_t uid) {
  usages_.SetOwn(uid, submitters_.HasOwnShare(uid));
  on_share_(uid);
  if (const auto asking = asking_.extract(uid))
    for (const auto& id : asking.mapped())
      if (const auto found = entries_.find(id); found != entries_.end()) MakeDue(found->second, false);
  std::vector<mail::QueueId> theirs;
  if (const auto unknown = ready_.find(Submitters::kUnknown); unknown != ready_.end())
    for (const auto& [due, id] : unknown->second)
      if (entries_.at(id).envelope.submitter == uid) theirs.push_back(id);
  for (const auto& id : theirs) SetDue(entries_.at(id), entries_.at(id).due);
  PumpSoon();
}

std::size_t Scheduler::WeightOf(const Entry& entry) {
  const auto open = entry.away ? entry.away->open : CountOpen(entry.envelope);
  return std::max(entry.weight, Attempt::WeightOf(open));
}

// @param now what was due then has been started, or waits for an attempt to end
void Scheduler::StartTimer(mail::Time now) {
  const auto next = due_.lower_bound({now + mail::Duration(1), mail::QueueId()});
  if (!stopped_ && next != due_.end()) WaitUntil(next->first);
}

void Scheduler::WaitUntil(mail::Time time) {
  timer_->StartAt(time);
}

void Scheduler::StartAttempt(Entry& entry) {
  if (!FetchRecipients(entry)) return;
  attempts_.Take(entry.share, entry.places);
  Unschedule(entry);
  entry.active = true;
  entry.at_limit = !usages_.Besides(entry.envelope.submitter, entry.usage)
                        .AllowsGrowth(environment_.settings.Current()->queue.user_max);
  entry.awaits.clear();
  ++active_;
  const auto finished = [this, &entry](const Attempt::End& end) {
    // Not from within a courier's answer: what follows may end the courier.
    environment_.clock.Post([this, &entry, end] { OnFinished(entry, end); });
  };
  const Attempt::Means means{environment_, log_, destinations_, notices_, attempts_};
  std::shared_ptr<Attempt> attempt;
  try {
    attempt = std::make_shared<Attempt>(entry, environment_.settings.Current(), means, finished);
  } catch (const std::exception& e) {
    log_.Step(LOG_ERR, entry.envelope, std::string(e.what()) + ", retrying");
    return finished({.lost = true});
  }
  attempt->Start();
}

// In slices: each person who is to be told of a failure is a commit, and the owners of many lists are many.
void Scheduler::OnFinished(Entry& entry, const Attempt::End& end) {
  InSlices(environment_.clock, [this, &entry, end] { return !TryFinish(entry, end); });
}

// @return false if there is more to report
bool Scheduler::TryFinish(Entry& entry, const Attempt::End& end) {
  const auto share = entry.share;
  const auto places = entry.places;
  entry.active = false;
  if (!Conclude(entry, end)) {
    entry.active = true;
    return false;
  }
  --active_;
  attempts_.GiveBack(share, places);
  if (!end.at_limit) Wake(LimitKey(share), 1);  // it may have left room
  PumpSoon();
  on_change_();
  return true;
}

// @return false if there is more to report: call it again
bool Scheduler::Conclude(Entry& entry, const Attempt::End& end) {
  try {
    return Settle(entry, end);
  } catch (const std::exception& e) {
    const auto delay = FaultDelay(entry);
    log_.Step(LOG_ERR, entry.envelope,
              std::string("can't store what became of it: ") + e.what() + ", retrying in " +
                  std::to_string(std::chrono::floor<std::chrono::seconds>(delay).count()) + " s");
    SetDue(entry, environment_.clock.Now() + delay);
    GiveUpUnreadable(entry, environment_.store.Read(entry.envelope.id));  // for want of its text, perhaps
    return true;
  }
}

mail::Duration Scheduler::FaultDelay(Entry& entry) const {
  const auto longest =
      std::min<mail::Duration>(kLongestFaultDelay, environment_.settings.Current()->queue.retry_max);
  return spool::RetryDelay(++entry.faults, kFirstFaultDelay, longest);
}

bool Scheduler::Settle(Entry& entry, const Attempt::End& end) {
  auto& envelope = entry.envelope;
  const auto now = environment_.clock.Now();
  const auto settings = environment_.settings.Current();
  const Settlement settlement(environment_, *settings, log_);
  // A notification is in the schedule as soon as it is in the queue, whatever fails from here on.
  const auto on_queued = [&](mail::Envelope notification) { Await(entry, std::move(notification)); };
  // One that was begun holds what had failed then.
  if (envelope.bounce && settlement.Report(envelope, now, on_queued)) return false;
  settlement.Expire(envelope, now);
  if (settlement.Report(envelope, now, on_queued)) return false;
  const auto next = Settlement::WhatNext(envelope);
  if (next == Settlement::Next::Attempt) Postpone(entry, end);
  if (next == Settlement::Next::Hold) Hold(entry);
  if (next == Settlement::Next::Removal) environment_.store.Remove(envelope.id);
  entry.faults = 0;
  Announce(std::exchange(entry.notifications, {}));
  if (next == Settlement::Next::Removal)
    Drop(entry);
  else if (end.lost)  // likewise
    GiveUpUnreadable(entry, environment_.store.Read(envelope.id));
  return true;
}

void Scheduler::Await(Entry& entry, mail::Envelope notification) {
  const auto id = notification.id;
  Insert(std::move(notification), false);  // after a restart it is there already
  auto& inserted = entries_.at(id);
  Unschedule(inserted);
  if (!std::exchange(inserted.unannounced, true)) entry.notifications.push_back(id);
}

// The message that they report on is stored without them now, so they may be tried.
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
  StoreEnvelope(entry, held, Store::Durability::Now);
  entry.envelope = std::move(held);
  held_.insert(entry.envelope.id);
  log_.Step(LOG_ERR, entry.envelope, "is held: " + entry.envelope.held + "; see mailqueuectl(1)");
}

// With the destination's next attempt, not after it. What this machine could not say itself it may be able to
// say in a second.
mail::Time Scheduler::NextAttempt(unsigned attempts, const Attempt::End& end) const {
  const auto settings = environment_.settings.Current();
  const auto& queue = settings->queue;
  const auto now = environment_.clock.Now();
  const auto next = end.until != mail::Time{}
                        ? end.until
                        : now + spool::RetryDelay(attempts, queue.retry_min, queue.retry_max);
  if (!end.unanswered) return next;
  return std::min(next, now + spool::RetryDelay(attempts, kFirstLostDelay, queue.retry_max));
}

void Scheduler::Postpone(Entry& entry, const Attempt::End& end) {
  auto& envelope = entry.envelope;
  const auto settings = environment_.settings.Current();
  const auto& queue = settings->queue;
  // Part of a copy may be there even if the agent could say no: at a quota, an mbox can't always be cut back.
  entry.again |= end.tried || end.lost;
  if (end.lost) {
    // Nobody said no, so it is no attempt: soon again, but not in a circle.
    SetDue(entry,
           environment_.clock.Now() + spool::RetryDelay(++entry.lost, kFirstLostDelay, queue.retry_max));
    StoreEnvelope(entry, envelope, Store::Durability::Later);
    return PutAway(entry);
  }
  entry.lost = 0;
  const bool is_put_off = end.crowded || end.at_limit || !end.busy.empty();
  const bool is_stored = !end.changed && entry.faults == 0;
  if (is_put_off && is_stored && !end.unanswered) {
    SetDue(entry, environment_.clock.Now() + queue.retry_max);
    PutAway(entry);
    return Await(entry, end);
  }
  const bool has_new = !is_put_off && std::ranges::any_of(envelope.recipients, [](const auto& recipient) {
    return !recipient.result;
  });
  if (!has_new && (end.tried || end.unanswered || !is_put_off)) ++envelope.attempts;
  envelope.next_attempt = has_new ? mail::Time{} : NextAttempt(envelope.attempts, end);
  StoreEnvelope(entry, envelope, Store::Durability::Later);
  SetDue(entry, envelope.next_attempt);
  PutAway(entry);
  Await(entry, end);
}

// The recipients of a message that waits are on disk, and need some hundreds of octets to many megabytes in
// memory: one user's messages would fill it. Call it when the envelope is what is stored.
void Scheduler::PutAway(Entry& entry) {
  auto& envelope = entry.envelope;
  if (envelope.bounce || !envelope.held.empty()) return;
  const auto size = MemoryOf(envelope.recipients);
  if (size <= kKeptOctets) return;
  entry.away = {.open = CountOpen(envelope), .awaits_mailbox = AwaitsMailbox(envelope)};
  std::vector<mail::Recipient>().swap(envelope.recipients);
  if (size > kTrimAbove) ::malloc_trim(0);  // what an attempt has needed for them, too
}

// @return false if they can't be read now: it is due later, or not in memory any more
bool Scheduler::FetchRecipients(Entry& entry) {
  if (!entry.away) return true;
  auto reading = environment_.store.Read(entry.envelope.id);
  if (auto* const envelope = std::get_if<mail::Envelope>(&reading)) {
    entry.envelope.recipients = std::move(envelope->recipients);
    entry.away.reset();
    return true;
  }
  if (GiveUpUnreadable(entry, reading)) return false;
  const auto delay = FaultDelay(entry);
  log_.Step(LOG_ERR, entry.envelope,
            "can't be read: " + std::get<spool::Unreadable>(reading).why + ", retrying in " +
                std::to_string(std::chrono::floor<std::chrono::seconds>(delay).count()) + " s");
  SetDue(entry, environment_.clock.Now() + delay);
  return false;
}

// No attempt mends what is wrong with the files. QueueLoader lists the message, tells root, and brings it
// back when it can be read again.
// @param reading what its files are now
// @return true if the entry has gone
bool Scheduler::GiveUpUnreadable(Entry& entry, const Store::Reading& reading) {
  const auto* const unreadable = std::get_if<spool::Unreadable>(&reading);
  if (std::holds_alternative<mail::Envelope>(reading) ||
      (unreadable && unreadable->kind == spool::Unreadable::Kind::Failing))
    return false;
  log_.Step(LOG_ERR, entry.envelope,
            "is not attempted: " + (unreadable ? unreadable->why : "its files are not there any more"));
  Forget(entry);
  on_unreadable_();
  return true;
}

mail::Envelope Scheduler::EnvelopeOf(const Entry& entry) const {
  if (entry.away) {
    auto reading = environment_.store.Read(entry.envelope.id);
    if (auto* const envelope = std::get_if<mail::Envelope>(&reading)) return std::move(*envelope);
  }
  return entry.envelope;
}

// Something of it is busy, and says when it has room; unless it has said so already.
void Scheduler::Await(Entry& entry, const Attempt::End& end) {
  if (end.crowded) return SetDue(entry, mail::Time{});
  if (end.at_limit) AwaitKey(entry, LimitKey(entry.share));
  for (const auto& busy : end.busy) {
    if (HasRoom(busy, entry)) return SetDue(entry, mail::Time{});
    AwaitKey(entry, busy.key);
  }
}

void Scheduler::AwaitKey(Entry& entry, const std::string& key) {
  entry.awaits.push_back(key);
  awaiting_[key].insert(entry.envelope.id);
}

bool Scheduler::HasRoom(const Attempt::Busy& busy, const Entry& entry) const {
  if (busy.courier == route::Courier::Relay)
    return !destinations_.IsBusy(busy.key, environment_.clock.Now(), entry.flushed);
  return environment_.couriers.HasRoom(busy.courier, busy.uid, entry.share);
}

void Scheduler::Wake(const std::string& key, std::size_t count) {
  const bool is_more = TakeSlice(environment_.clock, [&] { return count > 0 && WakeNext(key, count); });
  if (is_more) environment_.clock.Post([this, key, count] { Wake(key, count); });
  PumpSoon();
}

// @return false if none waits
bool Scheduler::WakeNext(const std::string& key, std::size_t& count) {
  const auto found = awaiting_.find(key);
  if (found == awaiting_.end()) return false;
  auto& ids = found->second;
  const auto entry = entries_.find(ids.extract(ids.begin()).value());
  if (ids.empty()) awaiting_.erase(found);
  // It may have been tried since, for another reason.
  if (entry != entries_.end() && std::erase(entry->second.awaits, key) > 0 && MakeDue(entry->second, false))
    --count;
  return true;
}

void Scheduler::Drop(Entry& entry) {
  log_.Step(LOG_INFO, entry.envelope, "done");
  Forget(entry);
}

// Whoever knows of it by its ID finds that it has gone.
void Scheduler::Forget(Entry& entry) {
  const auto id = entry.envelope.id;
  Announce(std::exchange(entry.notifications, {}));
  Unschedule(entry);
  usages_.Remove(entry.envelope.submitter, entry.usage);
  entries_.erase(id);
}

}  // namespace queue
