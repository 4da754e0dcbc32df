// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>

/// Runs the loop until an awaitable has come to its end. Throws what it throws.
template <typename Value>
Value Await(asio::io_context& context, asio::awaitable<Value> awaitable) {
  std::optional<Value> result;
  std::exception_ptr fault;
  asio::co_spawn(context, std::move(awaitable), [&](std::exception_ptr error, Value value) {
    fault = error;
    result = std::move(value);
  });
  context.restart();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!result && context.run_one_until(deadline) > 0) continue;
  if (fault) std::rethrow_exception(fault);
  if (!result) throw std::runtime_error("it has not ended in time");
  return std::move(*result);
}
