// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/time.hxx"

#include <chrono>
#include <functional>
#include <memory>

namespace queue {

/// The scale of time since boot, hours of suspension included (CLOCK_BOOTTIME). It never goes back. It has no
/// now(): ask a Clock.
struct BootScale {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootScale>;
  static constexpr bool is_steady = true;
};
using BootTime = BootScale::time_point;

/// Calls back once, when its time has come. A start ends an earlier one. After Cancel or the destructor it
/// calls nobody.
class Timer {
 public:
  Timer() = default;
  virtual ~Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// @param time by the wall clock, which somebody may set meanwhile
  virtual void StartAt(mail::Time time) = 0;
  /// @param delay in time since boot
  virtual void StartAfter(BootScale::duration delay) = 0;
  virtual void Cancel() noexcept = 0;
};

/// All that the engine knows of time, with two hands, and the way to do something later. All callbacks come
/// one after the other, in the engine's thread, and never from within a call of these functions.
class Clock {
 public:
  /// The wall clock. It can be set, in both directions.
  [[nodiscard]] virtual mail::Time Now() const = 0;
  [[nodiscard]] virtual BootTime SinceBoot() const = 0;

  /// @param callback called each time that the timer has run down
  [[nodiscard]] virtual std::unique_ptr<Timer> MakeTimer(std::function<void()> callback) = 0;
  /// Calls @p function soon. Nothing may rely on the order of several.
  virtual void Post(std::function<void()> function) = 0;

 protected:
  ~Clock() = default;
};

}  // namespace queue
