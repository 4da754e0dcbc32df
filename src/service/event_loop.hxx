// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "service/faults.hxx"
#include "service/handler_watch.hxx"

#include <asio/io_context.hpp>

#include <chrono>
#include <cstddef>

namespace service {

/// Runs the handlers of a context in this thread, each for itself: a fault in one ends that one (see Faults),
/// and each one's time is watched (see HandlerWatch).
class EventLoop {
 public:
  /// @param context outlives the loop
  explicit EventLoop(asio::io_context& context) noexcept : context_(context) {}

  /// Returns when the context is stopped, or nothing is left to wait for. Throws what too many handlers
  /// threw.
  void Run();

  /// Runs one handler, if there is one before @p end.
  /// @return false if there was none, or the context is stopped
  bool RunOneUntil(std::chrono::steady_clock::time_point end);

  /// How many handlers the watch has logged.
  [[nodiscard]] std::size_t SlowHandlers() const noexcept { return watch_.Count(); }
  /// How many of those had more processor time than its limit.
  [[nodiscard]] std::size_t BusyHandlers() const noexcept { return watch_.Busy(); }

 private:
  template <typename RunOne>
  bool RunGuarded(RunOne run_one);

  asio::io_context& context_;
  Faults faults_;
  HandlerWatch watch_;
};

}  // namespace service
