// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/agent_pool.hxx"
#include "programs/runner/command_pool.hxx"
#include "programs/runner/home_watch.hxx"
#include "programs/runner/launcher_link.hxx"
#include "programs/runner/relay_link.hxx"
#include "route/end.hxx"

#include <sys/types.h>

#include <memory>

namespace runner {

/// All that can deliver, chosen by route.
class Couriers {
 public:
  explicit Couriers(asio::io_context& context)
      : launcher_(context), relay_(context), agents_(context, launcher_), commands_(context, launcher_) {}

  /// order.done is called once, never from within this call.
  void Deliver(const route::Route& route, Order order) {
    switch (route.courier) {
      case route::Courier::Relay:
        return relay_.Deliver(std::move(order));
      case route::Courier::Command:
        return commands_.Deliver(route.uid, std::move(order));
      case route::Courier::Deliver:
        return agents_.Deliver(route.uid, std::move(order));
    }
  }

  /// @param order of a request that asks for a probe
  void Probe(Order order) { relay_.Deliver(std::move(order)); }

  /// Mail for this user's mailbox came to this. What an agent does not see may be there by now: the next
  /// attempt gets a new one.
  void OnResult(uid_t uid, const mail::DeliveryResult& result) {
    if (result.status == courier::kAwaitsHome) homes_.Await(uid);
    if (result.status == courier::kAwaitsHome || result.status == courier::kMailboxClosed)
      agents_.Retire(uid);
  }

  /// Homes may be there that were not, or gone: see AgentPool::Retire.
  void OnMountChange() { agents_.RetireAll(); }

  /// Lets go of couriers that have nothing to do, now instead of after their time.
  void CloseIdle() {
    relay_.CloseIdle();
    agents_.CloseIdle();
  }

 private:
  LauncherLink launcher_;
  RelayLink relay_;
  AgentPool agents_;
  CommandPool commands_;
  HomeWatch homes_{launcher_};
};

}  // namespace runner
