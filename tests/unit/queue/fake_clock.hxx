// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/clock.hxx"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <utility>

/// A clock that stands still until it is told to go on.
class FakeClock final : public queue::Clock {
 public:
  using Duration = std::chrono::nanoseconds;

  [[nodiscard]] mail::Time Now() const override { return now_; }
  [[nodiscard]] queue::BootTime SinceBoot() const override {
    since_boot_ += tick;
    return since_boot_;
  }
  [[nodiscard]] std::unique_ptr<queue::Timer> MakeTimer(std::function<void()> callback) override {
    return std::make_unique<FakeTimer>(*this, std::move(callback));
  }
  void Post(std::function<void()> function) override {
    on_post();
    posted_.push_back(std::move(function));
  }

  /// Calls what has been posted, and what that posts.
  void RunPosted() {
    while (RunOne()) continue;
  }
  /// @return false if nothing was posted
  bool RunOne() {
    if (posted_.empty()) return false;
    const auto function = std::move(posted_.front());
    posted_.pop_front();
    function();
    return true;
  }
  [[nodiscard]] std::size_t Posted() const noexcept { return posted_.size(); }

  /// Lets time pass, with all that is due meanwhile.
  void Advance(Duration time) {
    RunPosted();
    for (auto next = FindNext(); next && next->first <= time; next = FindNext()) {
      Pass(next->first);
      time -= next->first;
      next->second->Fire();
      RunPosted();
    }
    Pass(time);
  }
  /// Lets time pass up to the next timer.
  /// @return false if there is none
  bool AdvanceToTimer() {
    RunPosted();
    const auto next = FindNext();
    if (next) Advance(next->first);
    return next.has_value();
  }
  /// Somebody sets the wall clock.
  void Step(Duration forward) { now_ += std::chrono::duration_cast<mail::Duration>(forward); }

  /// What passes whenever somebody asks for the time since boot.
  Duration tick{0};
  /// Called before a function is posted, and may throw.
  std::function<void()> on_post = [] {};

 private:
  class FakeTimer final : public queue::Timer {
   public:
    FakeTimer(FakeClock& clock, std::function<void()> callback)
        : clock_(clock), callback_(std::move(callback)) {}
    ~FakeTimer() override { Cancel(); }
    void StartAt(mail::Time time) override {
      at_ = time;
      after_.reset();
      clock_.running_.insert(this);
    }
    void StartAfter(queue::BootScale::duration delay) override {
      after_ = clock_.since_boot_ + delay;
      at_.reset();
      clock_.running_.insert(this);
    }
    void Cancel() noexcept override { clock_.running_.erase(this); }

    [[nodiscard]] Duration Left() const {
      const Duration left = at_ ? Duration(*at_ - clock_.now_) : *after_ - clock_.since_boot_;
      return std::max(left, Duration(0));
    }
    void Fire() {
      Cancel();
      callback_();
    }

   private:
    FakeClock& clock_;
    std::function<void()> callback_;
    std::optional<mail::Time> at_;
    std::optional<queue::BootTime> after_;
  };

  [[nodiscard]] std::optional<std::pair<Duration, FakeTimer*>> FindNext() const {
    std::optional<std::pair<Duration, FakeTimer*>> next;
    for (auto* const timer : running_)
      if (!next || timer->Left() < next->first) next.emplace(timer->Left(), timer);
    return next;
  }
  void Pass(Duration time) {
    // Rounded up, so that a timer whose time has come has no part of a microsecond left.
    now_ += std::chrono::ceil<mail::Duration>(time);
    since_boot_ += time;
  }

  mail::Time now_ = mail::FromMicroseconds(1'800'000'000'000'000);
  mutable queue::BootTime since_boot_{std::chrono::hours(1)};
  std::deque<std::function<void()>> posted_;
  std::set<FakeTimer*> running_;
};
