// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/clock.hxx"

#include <asio/io_context.hpp>

namespace runner {

/// The kernel's clocks, with timers and posts in an event loop.
class SystemClock final : public queue::Clock {
 public:
  /// @param context outlives this, and all timers
  explicit SystemClock(asio::io_context& context) noexcept : context_(context) {}

  [[nodiscard]] mail::Time Now() const override { return mail::Now(); }
  [[nodiscard]] queue::BootTime SinceBoot() const override;
  [[nodiscard]] std::unique_ptr<queue::Timer> MakeTimer(std::function<void()> callback) override;
  void Post(std::function<void()> function) override;

 private:
  asio::io_context& context_;
};

}  // namespace runner
