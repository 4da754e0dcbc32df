// SPDX-License-Identifier: BSD-2-Clause
#include "simulate/simulated_clock.hxx"

#include <algorithm>

namespace simulate {

class SimulatedClock::RunningTimer final : public queue::Timer {
 public:
  RunningTimer(SimulatedClock& clock, std::function<void()> callback)
      : clock_(clock), callback_(std::move(callback)) {}
  ~RunningTimer() override { Cancel(); }

  void StartAt(mail::Time time) override {
    Start();
    at_ = time;
    after_.reset();
  }
  void StartAfter(queue::BootScale::duration delay) override {
    Start();
    after_ = clock_.since_boot_ + delay;
    at_.reset();
  }
  void Cancel() noexcept override { std::erase(clock_.running_, this); }

  [[nodiscard]] Duration Left() const {
    const Duration left = at_ ? Duration(*at_ - clock_.now_) : *after_ - clock_.since_boot_;
    return std::max(left, Duration(0));
  }
  void Fire() {
    Cancel();
    ++clock_.fired_;
    callback_();
  }

 private:
  void Start() {
    clock_.on_call_();
    Cancel();
    clock_.running_.push_back(this);
  }

  SimulatedClock& clock_;
  std::function<void()> callback_;
  std::optional<mail::Time> at_;
  std::optional<queue::BootTime> after_;
};

std::unique_ptr<queue::Timer> SimulatedClock::MakeTimer(std::function<void()> callback) {
  return std::make_unique<RunningTimer>(*this, std::move(callback));
}

void SimulatedClock::Post(std::function<void()> function) {
  on_call_();
  posted_.push_back(std::move(function));
}

bool SimulatedClock::RunOne() {
  if (posted_.empty()) return false;
  std::swap(posted_[static_cast<std::size_t>(draw_.Below(posted_.size()))], posted_.back());
  const auto function = std::move(posted_.back());
  posted_.pop_back();
  function();
  return true;
}

std::optional<std::pair<SimulatedClock::Duration, SimulatedClock::RunningTimer*>> SimulatedClock::FindNext()
    const {
  std::optional<std::pair<Duration, RunningTimer*>> next;
  for (auto* const timer : running_)
    if (!next || timer->Left() < next->first) next.emplace(timer->Left(), timer);
  return next;
}

std::optional<SimulatedClock::Duration> SimulatedClock::NextTimer() const {
  const auto next = FindNext();
  return next ? std::optional(next->first) : std::nullopt;
}

void SimulatedClock::Advance(Duration time) {
  RunPosted();
  for (auto next = FindNext(); next && next->first <= time; next = FindNext()) {
    Pass(next->first);
    time -= next->first;
    next->second->Fire();
    RunPosted();
  }
  Pass(time);
}

void SimulatedClock::Forget() {
  posted_.clear();
  running_.clear();
}

}  // namespace simulate
