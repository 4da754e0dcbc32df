// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <chrono>
#include <utility>

namespace runner {

/// How long one turn of the event loop may take for the many steps of one message, or for one step each of
/// many.
constexpr std::chrono::milliseconds kSlice{5};

/// Takes small steps for a kSlice, or until one says that it was the last.
/// @param step false: it was the last
/// @return true if there may be more
template <typename Step>
[[nodiscard]] bool TakeSlice(Step&& step) {
  const auto end = std::chrono::steady_clock::now() + kSlice;
  do
    if (!step()) return false;
  while (std::chrono::steady_clock::now() < end);
  return true;
}

/// Takes small steps until one says that it was the last, and lets others have their turn after each kSlice.
/// @param step called at once and later in @p context; false: it was the last. It keeps alive what it needs
template <typename Step>
void InSlices(asio::io_context& context, Step step) {
  if (!TakeSlice(step)) return;
  asio::post(context, [&context, step = std::move(step)]() mutable { InSlices(context, std::move(step)); });
}

}  // namespace runner
