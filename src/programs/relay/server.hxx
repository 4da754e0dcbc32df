// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "programs/relay/activity.hxx"
#include "programs/relay/dispatcher.hxx"
#include "programs/relay/runner_link.hxx"
#include "service/event_loop.hxx"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace relay {

/// The life of the process: it takes connections from the runner until none has been there for kLinger, or
/// SIGTERM comes.
class Server {
 public:
  static constexpr std::chrono::seconds kLinger{5};
  static constexpr std::chrono::seconds kStopTimeout{
      20};  ///< for transactions under way; the unit allows more
  static constexpr std::chrono::seconds kAcceptDelay{1};  ///< when there is no descriptor for a connection

  /// @param listener SOCK_SEQPACKET, listening
  explicit Server(UniqueFd listener);

  /// Throws std::exception where nothing can go on.
  void Run();

 private:
  asio::awaitable<void> Listen();
  asio::awaitable<void> FeedWatchdog(std::chrono::microseconds interval);
  bool AcceptAll();
  [[nodiscard]] bool TryAcceptAll();
  void OnIdle();
  void OnLingered();
  void Stop();

  asio::io_context context_{1};
  service::EventLoop loop_{context_};
  asio::posix::stream_descriptor listener_;
  asio::signal_set signals_;
  asio::steady_timer linger_;
  Activity activity_;
  Dispatcher dispatcher_;
  std::vector<std::weak_ptr<RunnerLink>> links_;
};

}  // namespace relay
