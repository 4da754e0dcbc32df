// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bus/queue_object.hxx"
#include "programs/runner/attempt.hxx"
#include "programs/runner/couriers.hxx"
#include "programs/runner/destinations.hxx"
#include "programs/runner/entry.hxx"
#include "programs/runner/explanation.hxx"
#include "programs/runner/notices.hxx"
#include "programs/runner/routing.hxx"
#include "programs/runner/settings_watch.hxx"
#include "programs/runner/shares.hxx"
#include "programs/runner/submitters.hxx"
#include "programs/runner/usage.hxx"
#include "spool/queue.hxx"

#include <asio/io_context.hpp>
#include <asio/system_timer.hpp>

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace runner {

/// The queue in memory: starts each message's attempts when they are due, and draws the consequences.
class Scheduler {
 public:
  /// @param on_change called when the queue has become longer, shorter or still
  Scheduler(asio::io_context& context, const spool::Queue& queue, SettingsWatch& settings,
            std::function<void()> on_change);

  /// Takes over what earlier runs left; the notifications among it with or after what they report on.
  void Resume(std::vector<mail::Envelope> envelopes);
  /// New messages, due at once.
  void Add(std::vector<mail::Envelope> envelopes);

  /// Makes every waiting message due now; of a long queue the rest in later handlers.
  /// @param only the messages of this submitter; empty: all, and those that are held are released
  /// @return how many
  unsigned Flush(std::optional<uid_t> only);
  /// The same for one message.
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
  [[nodiscard]] uid_t ShareOf(uid_t user) { return submitters_.ShareOf(user).value_or(Submitters::kUnknown); }
  [[nodiscard]] bool Knows(const mail::QueueId& id) const { return entries_.contains(id); }
  /// Of the queue, by what is a submitter's.
  [[nodiscard]] Usage UsageOf(uid_t submitter);
  /// @param on_user called when a uid turned out to be a user's, and has a share of its own from now on
  void SetOnUser(std::function<void(uid_t)> on_user) { on_user_ = std::move(on_user); }
  /// @param on_unreadable called when the files of a message turned out to be what QueueLoader has to look
  /// at: it is not in memory any more
  void SetOnUnreadable(std::function<void()> on_unreadable) { on_unreadable_ = std::move(on_unreadable); }
  /// Tells where addresses lead; see Explanation.
  /// @param share whose turns it takes in being routed
  void Explain(std::string sender, std::vector<std::string> addresses, std::optional<uid_t> reader,
               uid_t share, std::stop_token gone, Explanation::Done done);
  /// Has relays tested; see MakeRelayTest, which throws.
  /// @param done called once, later, with nothing if the relay's process went away
  void TestRelay(const std::string& name, std::function<void(std::vector<mail::RelayReport>)> done);
  /// What was found wrong in tables, aliases and forward files.
  [[nodiscard]] std::vector<std::string> Warnings(const bus::QueueControl::Reader& reader) const;

 private:
  void Insert(mail::Envelope envelope, bool again);
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
  void Conclude(Entry& entry, const Attempt::End& end);
  void Settle(Entry& entry, const Attempt::End& end);
  void Await(Entry& entry, mail::Envelope notification);
  void Announce(const std::vector<mail::QueueId>& notifications);
  void Hold(Entry& entry);
  bool MakeDue(Entry& entry, bool release);
  void Postpone(Entry& entry, const Attempt::End& end);
  [[nodiscard]] mail::Time NextAttempt(unsigned attempts, const Attempt::End& end) const;
  void Await(Entry& entry, const Attempt::End& end);
  [[nodiscard]] bool HasRoom(const Attempt::Busy& busy, uid_t share) const;
  void Wake(const std::string& key, std::size_t count);
  [[nodiscard]] bool WakeNext(const std::string& key, std::size_t& count);
  template <typename Step>
  void ForEachEntry(Step step);
  [[nodiscard]] static std::size_t WeightOf(const Entry& entry);
  void Drop(Entry& entry);
  static void PutAway(Entry& entry);
  [[nodiscard]] bool FetchRecipients(Entry& entry);
  bool GiveUpUnreadable(Entry& entry, const spool::Queue::Reading& reading);
  void Forget(Entry& entry);
  [[nodiscard]] mail::Duration FaultDelay(Entry& entry) const;

  asio::io_context& context_;
  const spool::Queue& queue_;
  SettingsWatch& settings_;
  std::function<void()> on_change_;
  std::function<void(uid_t)> on_user_;
  std::function<void()> on_unreadable_ = [] {};
  Notices notices_;
  Couriers couriers_;
  Destinations destinations_;
  Routing routing_;
  Routing explaining_;  ///< a thread of its own, so that no mail waits for who asks
  Submitters submitters_;
  asio::system_timer timer_;
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

}  // namespace runner
