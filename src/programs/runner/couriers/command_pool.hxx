// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/couriers/channel.hxx"
#include "programs/runner/couriers/launcher_link.hxx"
#include "programs/runner/couriers/order_places.hxx"

#include <asio/io_context.hpp>

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace runner {

/// Users' commands: each in a unit of its own, which takes one request, becomes the command, and answers when
/// that has ended. A few run side by side, fewer of one user.
class CommandPool {
 public:
  static constexpr std::size_t kMaxCommands = 16;
  static constexpr std::size_t kMaxOfUser = 2;
  static constexpr std::size_t kMaxOrders = 16;  ///< of one user, to be shared by those whose mail it is

  using OnRoom = std::function<void(uid_t uid, std::size_t count)>;
  /// @param launcher outlives the pool
  /// @param on_room called when so many messages that were put off for this user's commands may be tried
  /// again; throws nothing
  CommandPool(asio::io_context& context, LauncherLink& launcher, OnRoom on_room)
      : context_(context), launcher_(launcher), on_room_(std::move(on_room)) {}

  /// False if mail for this user's commands is to be put off.
  /// @param share whose mail it is
  [[nodiscard]] bool HasRoom(uid_t uid, uid_t share) const noexcept;
  /// order.done is called once, never from within this call.
  void Deliver(uid_t uid, Order order);

 private:
  struct Waiting {
    uid_t uid;
    Order order;
  };
  class Output;

  void LaunchWaiting();
  void TryLaunch(Waiting waiting);
  void Launch(Waiting& waiting);
  void OnClosed(uid_t uid);

  asio::io_context& context_;
  LauncherLink& launcher_;
  OnRoom on_room_;
  std::deque<Waiting> waiting_;
  std::map<uid_t, std::size_t> running_;  ///< how many of each user
  std::size_t count_ = 0;                 ///< of all of them
  OrderPlaces orders_{kMaxOrders};
};

}  // namespace runner
