// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/login_worker.hxx"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <deque>
#include <system_error>
#include <utility>

namespace relay {

/// The work of one owner: whether some is running, and what waits for its end.
struct LoginWorker::Turn {
  bool taken = false;
  std::deque<asio::steady_timer*> waiting;

  [[nodiscard]] bool IsIdle() const noexcept { return !taken && waiting.empty(); }
};

namespace {

asio::awaitable<void> RunHere(std::function<void()> work) {
  work();
  co_return;
}

}  // namespace

LoginWorker::LoginWorker() = default;
LoginWorker::~LoginWorker() = default;

asio::awaitable<void> LoginWorker::Run(std::string owner, std::function<void()> work) {
  if (!threads_) threads_ = std::make_unique<asio::thread_pool>(kThreads);
  std::erase_if(turns_, [](const auto& entry) { return entry.second->IsIdle(); });
  auto& slot = turns_[owner];
  if (!slot) slot = std::make_shared<Turn>();
  const auto turn = slot;
  while (turn->taken) {
    asio::steady_timer woken(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    turn->waiting.push_back(&woken);
    std::error_code ignored;
    co_await woken.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  turn->taken = true;
  std::exception_ptr fault;
  try {
    co_await asio::co_spawn(*threads_, RunHere(std::move(work)), asio::use_awaitable);
  } catch (...) {
    fault = std::current_exception();
  }
  turn->taken = false;
  if (!turn->waiting.empty()) {
    turn->waiting.front()->cancel();
    turn->waiting.pop_front();
  }
  if (fault) std::rethrow_exception(fault);
}

}  // namespace relay
