// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/agent_pool.hxx"
#include "programs/runner/relay_link.hxx"
#include "route/router.hxx"

#include <sys/types.h>

#include <memory>

namespace runner {

/// All that can deliver, chosen by route.
class Couriers {
 public:
  explicit Couriers(asio::io_context& context) : relay_(context), agents_(context) {}

  /// order.done is called once, never from within this call.
  void Deliver(const route::Route& route, Order order) {
    if (route.courier == route::Courier::Relay)
      relay_.Deliver(std::move(order));
    else
      agents_.Deliver(route.uid, std::move(order));
  }

  /// Lets go of couriers that have nothing to do, now instead of after their time.
  void CloseIdle() {
    relay_.CloseIdle();
    agents_.CloseIdle();
  }

 private:
  RelayLink relay_;
  AgentPool agents_;
};

}  // namespace runner
