// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/clock.hxx"
#include "simulate/draw.hxx"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace simulate {

/// Both hands of the time of a run. It goes on only when it is told to, and of what was posted any may be
/// called next.
class SimulatedClock final : public queue::Clock {
 public:
  using Duration = queue::BootScale::duration;

  explicit SimulatedClock(Draw& draw) : draw_(draw) {}

  [[nodiscard]] mail::Time Now() const override { return now_; }
  [[nodiscard]] queue::BootTime SinceBoot() const override {
    Pass(tick_);
    return since_boot_;
  }
  [[nodiscard]] std::unique_ptr<queue::Timer> MakeTimer(std::function<void()> callback) override;
  void Post(std::function<void()> function) override;

  /// What passes whenever somebody asks for the time since boot.
  void SetTick(Duration tick) noexcept { tick_ = tick; }
  /// @param on_call called at each Post and each start of a timer
  void SetOnCall(std::function<void()> on_call) { on_call_ = std::move(on_call); }

  /// Calls one of what has been posted.
  /// @return false if there was nothing
  bool RunOne();
  void RunPosted() {
    while (RunOne()) continue;
  }
  /// Lets time pass, with all that is due meanwhile.
  void Advance(Duration time);
  /// Time until the next timer; empty: none runs.
  [[nodiscard]] std::optional<Duration> NextTimer() const;
  /// How many timers have run down so far.
  [[nodiscard]] std::size_t Fired() const noexcept { return fired_; }
  /// Somebody sets the wall clock.
  void Step(Duration forward) { now_ += std::chrono::duration_cast<mail::Duration>(forward); }
  /// The machine sleeps: nothing runs meanwhile.
  void Suspend(Duration time) { Pass(time); }
  /// Whoever has posted something or started a timer is gone.
  void Forget();

 private:
  class RunningTimer;

  [[nodiscard]] std::optional<std::pair<Duration, RunningTimer*>> FindNext() const;
  void Pass(Duration time) const {
    // Rounded up, so that a timer whose time has come has no part of a microsecond left.
    now_ += std::chrono::ceil<mail::Duration>(time);
    since_boot_ += time;
  }

  Draw& draw_;
  Duration tick_{0};
  std::function<void()> on_call_ = [] {};
  mutable mail::Time now_ = mail::FromMicroseconds(1'800'000'000'000'000);
  mutable queue::BootTime since_boot_{std::chrono::hours(1)};
  std::vector<std::function<void()>> posted_;
  std::vector<RunningTimer*> running_;  ///< in the order of their starts
  std::size_t fired_ = 0;
};

}  // namespace simulate
