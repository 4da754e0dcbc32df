// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <poll.h>

#include <chrono>
#include <span>

namespace deliver {

/// Keeps SIGTERM away but for the time of Poll: so the unit's stop ends the program between two
/// deliveries or before one has begun to write, never within.
void HoldTermination();

/// poll(2) with SIGTERM let in. @param timeout negative: none. Throws std::system_error.
/// @return false if nothing has happened in that time
bool Poll(std::span<pollfd> fds, std::chrono::nanoseconds timeout);

/// Waiting for a lock: longer and longer, not in step with others, and not for ever.
class Backoff {
 public:
  explicit Backoff(std::chrono::nanoseconds limit) noexcept;

  /// Waits before the next try. @return false, without waiting, if there should be none
  [[nodiscard]] bool Wait();

 private:
  std::chrono::steady_clock::time_point end_;
  std::chrono::nanoseconds next_;
};

}  // namespace deliver
