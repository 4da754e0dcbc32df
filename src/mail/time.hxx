// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>

namespace mail {

using Clock = std::chrono::system_clock;
using Duration = std::chrono::microseconds;
/// Wall-clock time in microseconds since the epoch: what is stored must mean the same after a reboot.
using Time = std::chrono::time_point<Clock, Duration>;

[[nodiscard]] inline Time Now() noexcept {
  return std::chrono::time_point_cast<Duration>(Clock::now());
}

[[nodiscard]] constexpr Time FromMicroseconds(long long us) noexcept {
  return Time(Duration(us));
}
[[nodiscard]] constexpr long long ToMicroseconds(Time time) noexcept {
  return time.time_since_epoch().count();
}

}  // namespace mail
