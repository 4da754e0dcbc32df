// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/channel.hxx"
#include "programs/runner/launcher_link.hxx"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <sys/types.h>

#include <deque>
#include <map>
#include <memory>

namespace runner {

/// The delivery agents: one a user, each serving all the mail that waits for its user, several side by side.
class AgentPool {
 public:
  /// @param launcher outlives the pool
  AgentPool(asio::io_context& context, LauncherLink& launcher) : context_(context), launcher_(launcher) {}

  void Deliver(uid_t uid, Order order);
  void CloseIdle();
  /// The user's agent takes no further mail when it has answered what it has: it sees the file systems as
  /// they were when it was started. A home directory that has come since is not among them, and one that was
  /// mounted read-only then stays so for it.
  void Retire(uid_t uid);
  void RetireAll();

 private:
  struct Agent {
    std::shared_ptr<Channel> channel;
    asio::steady_timer linger;
    bool retired = false;
  };

  void Launch(uid_t uid);
  void LaunchWaiting();
  void OnReply(uid_t uid, const std::string& why);
  void OnIdle(uid_t uid);
  void OnClosed(uid_t uid);
  void HandOver(uid_t uid);

  asio::io_context& context_;
  LauncherLink& launcher_;
  std::map<uid_t, Agent> agents_;
  std::map<uid_t, std::deque<Order>> waiting_;  ///< for an agent of their own
  std::deque<uid_t> turns_;                     ///< the users of waiting_, in the order in which they came
};

}  // namespace runner
