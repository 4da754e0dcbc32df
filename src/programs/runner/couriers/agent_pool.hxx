// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/couriers/channel.hxx"
#include "programs/runner/couriers/launcher_link.hxx"
#include "programs/runner/couriers/order_places.hxx"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace runner {

/// The delivery agents: one a user, each serving all the mail that waits for its user, several side by side.
///
/// A user can stop their agent (SIGSTOP), or lock their mailbox. So nobody's mail waits for an agent in a
/// place that others need: one that is silent for kPatience keeps the few requests that it has been sent, and
/// other mail for it is put off until it answers; after kLongestSilence its connection is closed.
class AgentPool {
 public:
  using OnRoom = std::function<void(uid_t uid, std::size_t count)>;

  static constexpr std::size_t kMaxAgents =
      32;  ///< waiting on a lock costs nothing: more than there are processors
  static constexpr std::size_t kWindow = 16;  ///< requests that an agent has been sent, and their descriptors
  static constexpr std::size_t kMaxOrders = 400;  ///< of one agent, to be shared by those whose mail it is
  static constexpr std::chrono::seconds kPatience{2};
  static constexpr std::chrono::minutes kLongestSilence{5};

  /// @param launcher outlives the pool
  /// @param on_room called when so many messages that were put off for this user's agent may be tried again;
  /// throws nothing
  AgentPool(asio::io_context& context, LauncherLink& launcher, OnRoom on_room)
      : context_(context), launcher_(launcher), on_room_(std::move(on_room)) {}

  /// False if mail for this user is to be put off.
  /// @param share whose mail it is
  [[nodiscard]] bool HasRoom(uid_t uid, uid_t share) const noexcept;
  void Deliver(uid_t uid, Order order);
  void CloseIdle();
  /// The user's agent takes no further mail when it has answered what it has: it sees the file systems as
  /// they were when it was started. A home directory that has come since is not among them, and one that was
  /// mounted read-only then stays so for it.
  void Retire(uid_t uid);
  void RetireAll();

 private:
  struct Agent {
    Agent(asio::io_context& context, std::shared_ptr<Channel> connection)
        : channel(std::move(connection)), linger(context), silence(context) {}

    std::shared_ptr<Channel> channel;
    asio::steady_timer linger;
    asio::steady_timer silence;
    bool is_silent = false;
    bool retired = false;
  };

  void LaunchWaiting();
  void TryLaunch(uid_t uid);
  void Launch(uid_t uid);
  void GiveBack(uid_t uid, const Reply& reply);
  void HandOver(uid_t uid);
  void Listen(uid_t uid);
  void Listen(uid_t uid, Agent& agent, std::chrono::seconds time);
  void OnSilence(uid_t uid);
  void OnAnswer(uid_t uid);
  void OnReply(uid_t uid, const std::string& why);
  void OnIdle(uid_t uid);
  void OnClosed(uid_t uid);

  asio::io_context& context_;
  LauncherLink& launcher_;
  OnRoom on_room_;
  std::map<uid_t, Agent> agents_;
  OrderPlaces orders_{kMaxOrders};
  std::map<uid_t, std::deque<Order>> waiting_;  ///< for an agent of their own
  std::deque<uid_t> turns_;                     ///< the users of waiting_, in the order in which they came
};

}  // namespace runner
