// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/channel.hxx"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <memory>

namespace runner {

/// The connection to mailqueue-relay, made when there is something to relay and kept for a few seconds.
class RelayLink {
 public:
  explicit RelayLink(asio::io_context& context);

  void Deliver(Order order);
  void CloseIdle();

 private:
  void Open();
  void OnIdle();

  asio::io_context& context_;
  asio::steady_timer linger_;
  std::shared_ptr<Channel> channel_;
};

}  // namespace runner
