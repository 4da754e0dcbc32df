// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/attempt.hxx"
#include "queue/destinations.hxx"
#include "queue/entry.hxx"
#include "queue/environment.hxx"
#include "queue/message_log.hxx"
#include "queue/notices.hxx"
#include "queue/shares.hxx"
#include "queue/submitters.hxx"
#include "queue/usage.hxx"

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace queue {

/// The queue in memory: starts each message's attempts when they are due, and draws the consequences.
class Scheduler {
 public:
  /// @param environment what is in it outlives this, and then calls back no more
  /// @param on_change called when the queue has become longer, shorter or still
  Scheduler(Environment environment, std::function<void()> on_change);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Takes over what earlier runs left; the notifications among it with or after what they report on.
  void Resume(std::vector<mail::Envelope> envelopes);
  /// New messages, due at once.
  void Add(std::vector<mail::Envelope> envelopes);

  /// Makes every waiting message due now; of a long queue the rest in later handlers.
  /// @param only the messages of this submitter; empty: all, and those that are held are released
  /// @return how many
  unsigned Flush(std::optional<uid_t> only);
  /// Makes every waiting message due now, and leaves those that are held: no person has asked for it.
  /// @return how many
  unsigned TryWaiting();
  /// As Flush, for one message.
  /// @return false if there is no such message, or it is not that submitter's
  [[nodiscard]] bool FlushMessage(mail::QueueId id, std::optional<uid_t> only);

  /// Something has been mounted or unmounted: makes due what may have waited for it, a home directory or part
  /// of one; likewise.
  void OnMountChange();

  /// Starts nothing more; what is under way goes on.
  void Stop();

  /// There is something to do, now or later: not for what is held.
  [[nodiscard]] bool HasWork() const noexcept { return entries_.size() > held_.size(); }
  [[nodiscard]] std::size_t Held() const noexcept { return held_.size(); }
  [[nodiscard]] std::size_t Size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t Active() const noexcept { return active_; }
  [[nodiscard]] const std::map<mail::QueueId, Entry>& Entries() const noexcept { return entries_; }
  /// The envelope of one of them, with all of its recipients if they can be read.
  [[nodiscard]] mail::Envelope EnvelopeOf(const Entry& entry) const;
  /// Whose share a user's load is on: see Submitters.
  [[nodiscard]] uid_t ShareOf(uid_t user) { return FindShare(user).value_or(Submitters::kUnknown); }
  /// The same; empty: it is being found out.
  [[nodiscard]] std::optional<uid_t> FindShare(uid_t user) { return submitters_.ShareOf(user); }
  [[nodiscard]] bool Knows(const mail::QueueId& id) const { return entries_.contains(id); }
  /// Of the queue, by what is a submitter's.
  [[nodiscard]] Usage UsageOf(uid_t submitter);
  /// @param on_share called when it has been found out whose share a uid's load is on
  void SetOnShare(std::function<void(uid_t)> on_share) { on_share_ = std::move(on_share); }
  /// @param on_unreadable called when the files of a message turned out to be what QueueLoader has to look
  /// at: it is not in memory any more
  void SetOnUnreadable(std::function<void()> on_unreadable) { on_unreadable_ = std::move(on_unreadable); }
  /// What was found wrong in aliases and forward files while mail went by.
  [[nodiscard]] const Notices& FoundFaults() const noexcept { return notices_; }

 private:
  void Insert(mail::Envelope envelope, bool again);
  void StoreEnvelope(Entry& entry, const mail::Envelope& envelope, Store::Durability durability);
  void SetDue(Entry& entry, mail::Time due);
  void PumpSoon();
  void Pump();
  [[nodiscard]] bool MakeNextReady(mail::Time now);
  [[nodiscard]] bool StartNext();
  void Unschedule(Entry& entry);
  void OnKnown(uid_t uid);
  void StartTimer(mail::Time now);
  void WaitUntil(mail::Time time);
  void StartAttempt(Entry& entry);
  void OnFinished(Entry& entry, const Attempt::End& end);
  [[nodiscard]] bool TryFinish(Entry& entry, const Attempt::End& end);
  [[nodiscard]] bool Conclude(Entry& entry, const Attempt::End& end);
  [[nodiscard]] bool Settle(Entry& entry, const Attempt::End& end);
  void Await(Entry& entry, mail::Envelope notification);
  void Announce(const std::vector<mail::QueueId>& notifications);
  void Hold(Entry& entry);
  bool MakeDue(Entry& entry, bool release);
  unsigned FlushAll(std::optional<uid_t> only, bool release);
  bool FlushEntry(Entry& entry, bool release);
  void Postpone(Entry& entry, const Attempt::End& end);
  [[nodiscard]] mail::Time NextAttempt(unsigned attempts, const Attempt::End& end) const;
  void Await(Entry& entry, const Attempt::End& end);
  void AwaitKey(Entry& entry, const std::string& key);
  [[nodiscard]] bool HasRoom(const Attempt::Busy& busy, const Entry& entry) const;
  void Wake(const std::string& key, std::size_t count);
  [[nodiscard]] bool WakeNext(const std::string& key, std::size_t& count);
  template <typename Step>
  void ForEachEntry(Step step);
  [[nodiscard]] static std::size_t WeightOf(const Entry& entry);
  void Drop(Entry& entry);
  static void PutAway(Entry& entry);
  [[nodiscard]] bool FetchRecipients(Entry& entry);
  bool GiveUpUnreadable(Entry& entry, const Store::Reading& reading);
  void Forget(Entry& entry);
  [[nodiscard]] mail::Duration FaultDelay(Entry& entry) const;

  Environment environment_;
  std::function<void()> on_change_;
  std::function<void(uid_t)> on_share_ = [](uid_t) {};
  std::function<void()> on_unreadable_ = [] {};
  MessageLog log_;
  Notices notices_;
  Destinations destinations_;
  Submitters submitters_;
  std::unique_ptr<Timer> timer_;
  std::map<mail::QueueId, Entry> entries_;
  using Dues = std::set<std::pair<mail::Time, mail::QueueId>>;  // by Entry::due
  Dues due_;                                                    ///< the entries that may be tried, but for
  std::map<uid_t, Dues> ready_;                                 ///< those whose time has come, by share
  uid_t last_ = 0;                                              ///< whose turn it was
  std::map<uid_t, std::vector<mail::QueueId>> asking_;  ///< whose submitter's share is being found out
  std::set<mail::QueueId> held_;
  std::map<std::string, std::set<mail::QueueId>> awaiting_;  ///< by what was busy: who waits for room there
  std::size_t active_ = 0;
  Shares attempts_;
  Usages usages_;  // of entries_
  bool pump_scheduled_ = false;
  bool stopped_ = false;
};

}  // namespace queue
