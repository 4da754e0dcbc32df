// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "mail/queue_id.hxx"
#include "queue/environment.hxx"
#include "spool/queue.hxx"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace queue {

/// Brings what is in the queue on disk, and not in memory, into memory: at the start, when somebody asks, and
/// every hour while there are messages that can't be read. It reads beside other work, a few at a time. Of a
/// message that is damaged, root is told once by mail.
class QueueLoader {
 public:
  /// The queue in memory.
  struct Queued {
    /// Called with entries of earlier runs.
    std::function<void(std::vector<mail::Envelope>)> resume;
    /// Called with a new entry.
    std::function<void(std::vector<mail::Envelope>)> add;
    std::function<bool(const mail::QueueId&)> knows;
  };
  /// @param environment what is in it outlives this
  /// @param on_end called when all has been looked at
  QueueLoader(Environment environment, Queued queued, std::function<void()> on_end);

  /// Looks at the whole queue, or once more if that is under way.
  void Start();

  /// Nothing is under way, and no message is there that can't be read.
  [[nodiscard]] bool IsIdle() const noexcept { return !scan_ && !again_ && unreadable_.empty(); }
  [[nodiscard]] std::size_t Size() const noexcept { return unreadable_.size(); }
  [[nodiscard]] bool Has(const mail::QueueId& id) const { return unreadable_.contains(id); }
  /// Those that can't be read, sorted by ID, for who lists the queue.
  [[nodiscard]] std::vector<std::pair<mail::QueueId, spool::Unreadable>> List() const;
  [[nodiscard]] std::vector<std::string> Warnings() const;

 private:
  using Kind = spool::Unreadable::Kind;
  struct Found {
    spool::Unreadable what;
    unsigned failures = 0;  ///< times that it could not be read in a row
  };

  void Continue();
  void Look(const mail::QueueId& id);
  void End();
  void Fail(const std::string& why);
  void Report();
  void StartLater();

  Environment environment_;
  Queued queued_;
  std::function<void()> on_end_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Store::Scan> scan_;  ///< under way; null: none is
  bool again_ = false;                 ///< another one is to follow
  unsigned failures_ = 0;              ///< of a whole scan, in a row
  std::set<mail::QueueId> seen_;       ///< by this scan, and can't be read
  std::vector<mail::Envelope>
      notices_;  ///< from the null sender: they must not leave before what they report on is known
  std::map<mail::QueueId, Found> unreadable_;
};

}  // namespace queue
