// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/clock.hxx"

#include <chrono>
#include <utility>

namespace queue {

/// How long one turn of the event loop may take for the many steps of one message, or for one step each of
/// many.
constexpr std::chrono::milliseconds kSlice{5};

/// Takes small steps for a kSlice, or until one says that it was the last.
/// @param step false: it was the last
/// @return true if there may be more
template <typename Step>
[[nodiscard]] bool TakeSlice(const Clock& clock, Step&& step) {
  const auto end = clock.SinceBoot() + kSlice;
  do
    if (!step()) return false;
  while (clock.SinceBoot() < end);
  return true;
}

/// Takes small steps until one says that it was the last, and lets others have their turn after each kSlice.
/// @param clock outlives the steps
/// @param step called at once and later; false: it was the last. It keeps alive what it needs
template <typename Step>
void InSlices(Clock& clock, Step step) {
  if (!TakeSlice(clock, step)) return;
  clock.Post([&clock, step = std::move(step)]() mutable { InSlices(clock, std::move(step)); });
}

}  // namespace queue
