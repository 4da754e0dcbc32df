// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/couriers/channel.hxx"
#include "queue/shares.hxx"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>

namespace runner {

/// The connection to mailqueue-relay, made when there is something to relay and kept for a few seconds. The
/// requests that are under way are shared by those whose mail it is: one message to thousands of domains that
/// do not answer keeps nobody else's mail. Further ones wait here, and take turns.
class RelayLink {
 public:
  static constexpr std::size_t kMaxUnderWay = 400;  ///< as many as the relay serves side by side
  static constexpr std::size_t kRoots = 20;         ///< of them

  explicit RelayLink(asio::io_context& context);

  void Deliver(Order order);
  /// Has the relay started if it isn't running.
  void Start();
  void CloseIdle();

 private:
  void SendSoon();
  void SendWaiting();
  [[nodiscard]] bool SendNext();
  void Send(Order order);
  void Open();
  void OnIdle();

  asio::io_context& context_;
  asio::steady_timer linger_;
  std::shared_ptr<Channel> channel_;
  std::map<uid_t, std::deque<Order>> waiting_;  ///< by share
  uid_t last_ = 0;                              ///< whose turn it was
  queue::Shares under_way_{kMaxUnderWay, kRoots};
  bool sending_ = false;
};

}  // namespace runner
