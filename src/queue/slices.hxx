// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/clock.hxx"

#include <chrono>
#include <memory>
#include <new>
#include <utility>

namespace queue {

/// How long one turn of the event loop may take for the many steps of one message, or for one step each of
/// many.
constexpr std::chrono::milliseconds kSlice{5};

/// One such turn, which begins when this is made.
class Slice {
 public:
  /// @param clock outlives this
  explicit Slice(const Clock& clock) : clock_(&clock), end_(clock.SinceBoot() + kSlice) {}
  [[nodiscard]] bool IsOver() const { return clock_->SinceBoot() >= end_; }

 private:
  const Clock* clock_;
  BootTime end_;
};

/// Takes small steps for a kSlice, or until one says that it was the last.
/// @param step false: it was the last
/// @return true if there may be more
template <typename Step>
[[nodiscard]] bool TakeSlice(const Clock& clock, Step&& step) {
  const Slice slice(clock);
  do
    if (!step()) return false;
  while (!slice.IsOver());
  return true;
}

/// Takes the steps that are left of InSlices. What can't be posted for lack of memory is done in this turn:
/// whoever waits for the end of it would wait for ever.
template <typename Step>
void PostSlices(Clock& clock, const std::shared_ptr<Step>& step) {
  do {
    try {
      return clock.Post([&clock, step] {
        if (TakeSlice(clock, *step)) PostSlices(clock, step);
      });
    } catch (const std::bad_alloc&) {
      continue;
    }
  } while (TakeSlice(clock, *step));
}

/// Takes small steps until one says that it was the last, and lets others have their turn after each kSlice.
/// @param clock outlives the steps
/// @param step called at once and later; false: it was the last. It keeps alive what it needs
template <typename Step>
void InSlices(Clock& clock, Step step) {
  while (TakeSlice(clock, step)) {
    std::shared_ptr<Step> rest;
    try {
      rest = std::make_shared<Step>(std::move(step));  // which moves only when there is memory
    } catch (const std::bad_alloc&) {
      continue;
    }
    return PostSlices(clock, rest);
  }
}

}  // namespace queue
