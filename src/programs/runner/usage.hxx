// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/envelope.hxx"

#include <cstdint>

namespace runner {

/// How much of the queue is one submitter's.
struct Usage {
  std::uint64_t messages = 0;
  std::uint64_t octets = 0;

  void Add(std::uint64_t size) noexcept {
    ++messages;
    octets += size;
  }
  void Add(const Usage& other) noexcept {
    messages += other.messages;
    octets += other.octets;
  }
  void Remove(std::uint64_t size) noexcept {
    --messages;
    octets -= size;
  }
  /// Whether a message of @p size octets more is within UserQueueMax=. The first one always is.
  [[nodiscard]] bool HasRoom(std::uint64_t size, const config::Settings::Queue::UserMax& max) const noexcept {
    return messages == 0 || (messages < max.messages && octets < max.octets && max.octets - octets >= size);
  }
};

}  // namespace runner
