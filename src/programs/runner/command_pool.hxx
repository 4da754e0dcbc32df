// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/channel.hxx"
#include "programs/runner/launcher_link.hxx"

#include <asio/io_context.hpp>

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>

namespace runner {

/// Users' commands: each in a unit of its own, which takes one request, becomes the command, and answers when
/// that has ended. A few run side by side, fewer of one user.
class CommandPool {
 public:
  static constexpr std::size_t kMaxCommands = 16;
  static constexpr std::size_t kMaxOfUser = 2;

  /// @param launcher outlives the pool
  CommandPool(asio::io_context& context, LauncherLink& launcher) : context_(context), launcher_(launcher) {}

  /// order.done is called once, never from within this call.
  void Deliver(uid_t uid, Order order);

 private:
  struct Waiting {
    uid_t uid;
    Order order;
  };
  class Output;

  void LaunchWaiting();
  void Launch(Waiting waiting);
  void OnClosed(uid_t uid);

  asio::io_context& context_;
  LauncherLink& launcher_;
  std::deque<Waiting> waiting_;
  std::map<uid_t, std::size_t> running_;  ///< how many of each user
  std::size_t count_ = 0;                 ///< of all of them
};

}  // namespace runner
