// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "mail/time.hxx"
#include "queue/usage.hxx"

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace queue {

/// A message in the queue, as the runner sees it.
struct Entry {
  /// What is known of recipients that are on disk only.
  struct Away {
    std::size_t open = 0;         ///< how many are not settled
    bool awaits_mailbox = false;  ///< one of them is deferred for a mailbox of this machine
  };

  mail::Envelope envelope;
  std::optional<Away> away{};  ///< the envelope has no recipients meanwhile: see Scheduler::PutAway
  mail::Time due{};            ///< of the next attempt
  Usage usage{};               ///< what it counts for, as it was stored last
  std::size_t records = 0;     ///< in the envelope of what was not settled, likewise
  bool at_limit = false;       ///< while it is active: it must not grow beside its submitter's other mail
  mail::Time flushed{};        ///< when its submitter had it tried at once; see Destinations::Ask
  bool active = false;         ///< an attempt is under way
  bool again = false;          ///< an earlier attempt may have got part of the way
  unsigned lost = 0;           ///< attempts in a row whose courier went away without an answer
  unsigned faults = 0;         ///< how often in a row what became of it could not be stored
  /// A notification that must not be tried yet: the message that it reports on has not been stored without
  /// it.
  bool unannounced = false;
  std::vector<mail::QueueId> notifications{};  ///< of this message: those that are unannounced

  /// An attempt may be made when it is due.
  [[nodiscard]] bool MayBeTried() const noexcept { return !active && !unannounced && envelope.held.empty(); }
  std::vector<std::string> awaits{};  ///< what was busy, by key: due when there is room
  uid_t share = 0;                    ///< while it is ready or active: whose share of the attempts it takes
  bool ready = false;                 ///< it is due, and waits for room in that share
  std::size_t places = 0;             ///< while it is ready or active: how many places of the share
  std::size_t weight =
      0;  ///< how many the last attempt would have needed; 0: as many as its recipients make it
};

}  // namespace queue
