// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "mail/time.hxx"

#include <string>
#include <vector>

namespace runner {

/// A message in the queue, as the runner sees it.
struct Entry {
  mail::Envelope envelope;
  mail::Time due{};     ///< of the next attempt
  bool active = false;  ///< an attempt is under way
  bool again = false;   ///< an earlier attempt may have got part of the way
  unsigned lost = 0;    ///< attempts in a row whose courier went away without an answer
  unsigned faults = 0;  ///< how often in a row what became of it could not be stored
  /// A notification whose message does not know of it yet: it must not leave before.
  bool unannounced = false;
  std::vector<mail::QueueId> notifications{};  ///< of this message: those that are unannounced

  /// An attempt may be made when it is due.
  [[nodiscard]] bool MayBeTried() const noexcept { return !active && !unannounced && envelope.held.empty(); }
  std::vector<std::string>
      awaits{};  ///< busy destinations, by key: due as soon as one of them is not any more
};

}  // namespace runner
