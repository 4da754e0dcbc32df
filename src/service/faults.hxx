// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <deque>
#include <exception>

namespace service {

/// The last line against faults in an event loop: what a handler throws is logged, and the loop goes on,
/// unless that happens too often. Then the process ends, and systemd starts it anew.
class Faults {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMax = 3;  ///< within kPeriod: this one is not survived
  static constexpr std::chrono::minutes kPeriod{1};

  /// Call it while @p fault is being handled. Throws it on if there have been too many.
  void Survive(const std::exception& fault, Clock::time_point now = Clock::now());

 private:
  std::deque<Clock::time_point> times_;
};

}  // namespace service
