// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <coroutine>
#include <utility>

namespace queue {

/// A coroutine of the engine, which needs no executor: Start runs it up to its first wait, and whoever brings
/// what it waits for runs it on within that call. The destructor ends it where it waits. What it throws comes
/// out of that call.
class [[nodiscard]] Task {
 public:
  struct promise_type {
    Task get_return_object() noexcept { return Task(Handle::from_promise(*this)); }
    static std::suspend_always initial_suspend() noexcept { return {}; }
    static std::suspend_always final_suspend() noexcept { return {}; }
    static void return_void() noexcept {}
    [[noreturn]] static void unhandled_exception() { throw; }
  };

  Task() noexcept = default;
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  void Start() const { handle_.resume(); }

 private:
  using Handle = std::coroutine_handle<promise_type>;
  explicit Task(Handle handle) noexcept : handle_(handle) {}

  Handle handle_ = nullptr;
};

}  // namespace queue
