// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <chrono>
#include <cstddef>

namespace service {

/// Logs each handler of an event loop that keeps the others waiting, for tests: it is on where the
/// environment variable MAILQUEUE_HANDLER_LIMIT gives a number of milliseconds.
///
/// The time of a handler is that on the clock, but for two things: the time that the thread was ready and had
/// no processor, so that a busy machine is no fault, and that in Sync and SyncData. The log also says how
/// much of it was processor time: the rest was spent waiting, mostly for a disk that others use, too.
class HandlerWatch {
 public:
  HandlerWatch();
  ~HandlerWatch();
  HandlerWatch(const HandlerWatch&) = delete;
  HandlerWatch& operator=(const HandlerWatch&) = delete;

  /// Measures its own lifetime, from the last time on that the thread was woken by epoll_wait(2) (asio
  /// waits there before it runs a handler).
  class Measurement {
   public:
    explicit Measurement(HandlerWatch& watch) noexcept : watch_(watch) { watch_.Begin(); }
    ~Measurement() { watch_.End(); }
    Measurement(const Measurement&) = delete;
    Measurement& operator=(const Measurement&) = delete;

   private:
    HandlerWatch& watch_;
  };

  /// How many handlers have been logged.
  [[nodiscard]] std::size_t Count() const noexcept { return count_; }
  /// How many of them had more processor time than the limit.
  [[nodiscard]] std::size_t Busy() const noexcept { return busy_; }

  /// Names what the handler that runs in this thread does, for the log.
  /// @param what a literal
  static void Note(const char* what) noexcept;

  /// epoll_wait(2) has returned in this thread.
  static void OnWoken() noexcept;

 private:
  struct Sample {
    std::chrono::steady_clock::time_point time;
    std::chrono::nanoseconds not_ours;  ///< without a processor, or in Sync, so far
    std::chrono::nanoseconds work;      ///< processor time so far, but for that in Sync
  };
  void Begin() noexcept;
  void End() noexcept;
  [[nodiscard]] Sample Take() const noexcept;

  std::chrono::milliseconds limit_{};  ///< 0: off
  UniqueFd schedstat_;                 ///< of this thread; empty where the kernel has none
  Sample begin_{};
  std::size_t count_ = 0;
  std::size_t busy_ = 0;
};

}  // namespace service
