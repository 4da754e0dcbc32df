// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/system_clock.hxx"

#include <asio/basic_waitable_timer.hpp>
#include <asio/post.hpp>
#include <asio/system_timer.hpp>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <system_error>
#include <utility>

namespace runner {

namespace {

/// CLOCK_BOOTTIME as Asio wants a clock.
struct BootClock : queue::BootScale {
  static time_point now() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};
using BootTimer = asio::basic_waitable_timer<BootClock>;

class SystemTimer final : public queue::Timer {
 public:
  SystemTimer(asio::io_context& context, std::function<void()> callback)
      : state_(std::make_shared<State>(context, std::move(callback))) {}
  ~SystemTimer() override { Stop(); }

  void StartAt(mail::Time time) override {
    Stop();
    state_->at.expires_at(time);
    state_->at.async_wait(Handler{state_, state_->start});
  }
  void StartAfter(queue::BootScale::duration delay) override {
    Stop();
    state_->after.expires_after(delay);
    state_->after.async_wait(Handler{state_, state_->start});
  }
  void Cancel() noexcept override { Stop(); }

 private:
  struct State {
    State(asio::io_context& context, std::function<void()> function)
        : at(context), after(context), callback(std::move(function)) {}

    asio::system_timer at;
    BootTimer after;
    std::function<void()> callback;
    std::uint64_t start = 0;  // the number of the last one; a handler of an earlier one may be on its way
  };
  struct Handler {
    std::shared_ptr<State> state;
    std::uint64_t start;
    void operator()(std::error_code error) const {
      if (!error && state->start == start) state->callback();
    }
  };

  void Stop() noexcept {
    ++state_->start;
    try {
      state_->at.cancel();
      state_->after.cancel();
    } catch (const std::system_error&) {
      // The handler finds the number of another start.
    }
  }

  std::shared_ptr<State> state_;
};

}  // namespace

queue::BootTime SystemClock::SinceBoot() const {
  return BootClock::now();
}

std::unique_ptr<queue::Timer> SystemClock::MakeTimer(std::function<void()> callback) {
  return std::make_unique<SystemTimer>(context_, std::move(callback));
}

void SystemClock::Post(std::function<void()> function) {
  asio::post(context_, std::move(function));
}

}  // namespace runner
