// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "mail/time.hxx"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bus {

enum class State {
  Queued,    ///< no attempt yet
  Active,    ///< an attempt is under way
  Deferred,  ///< waits for next_attempt
  Held,      ///< is not tried until root releases it
  Waiting,   ///< it is not in the queue yet, and can't be taken in now
  Damaged,   ///< it can't be read, and is left as it is
  Newer,     ///< a newer version of this program has written it
};

/// The same in lower case, as it goes over the bus.
[[nodiscard]] std::string_view ToString(State state) noexcept;

/// One recipient, as the bus shows it.
struct RecipientStatus {
  std::string address;
  std::string state;   ///< "waiting" before the first attempt, then mail::ToString of its outcome
  std::string status;  ///< enhanced status code; empty before the first attempt
  std::string text;    ///< why; empty before the first attempt
};

/// One message, as the bus lists it.
struct MessageStatus {
  static constexpr std::size_t kMaxRecipients = 1000;  ///< of one message that are listed
  static constexpr uid_t kUnknown = static_cast<uid_t>(-1);

  std::string id;
  mail::Time created{};
  std::uint64_t size = 0;  ///< octets
  std::string sender;      ///< empty: the null sender
  uid_t submitter = 0;     ///< kUnknown: nobody knows
  unsigned attempts = 0;
  mail::Time next_attempt{};  ///< the epoch: now, under way, or held
  std::string state;
  std::string reason{};                     ///< why all of it waits; empty: the recipients tell
  unsigned open_recipients = 0;             ///< how many are not settled; of a held one, how many have failed
  std::vector<RecipientStatus> recipients;  ///< the first kMaxRecipients of those
};

/// @p envelope as it is to be listed.
[[nodiscard]] MessageStatus MakeStatus(const mail::Envelope& envelope, State state);

}  // namespace bus
