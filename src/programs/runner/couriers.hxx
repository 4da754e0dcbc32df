// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "courier/protocol.hxx"
#include "programs/runner/agent_pool.hxx"
#include "programs/runner/command_pool.hxx"
#include "programs/runner/home_watch.hxx"
#include "programs/runner/launcher_link.hxx"
#include "programs/runner/relay_link.hxx"
#include "route/end.hxx"

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace runner {

/// All that can deliver, chosen by route.
class Couriers {
 public:
  /// @param on_room called when so many messages with this key that were put off may be tried again
  using OnRoom = std::function<void(const std::string& key, std::size_t count)>;

  Couriers(asio::io_context& context, OnRoom on_room)
      : on_room_(std::move(on_room)),
        launcher_(context),
        relay_(context),
        agents_(context, launcher_, [this](uid_t uid, std::size_t count) { on_room_(AgentKey(uid), count); }),
        commands_(context, launcher_,
                  [this](uid_t uid, std::size_t count) { on_room_(CommandKey(uid), count); }) {}

  /// Names what mail on this route waits for when it is put off: the agent or the commands of a user. Empty
  /// for the relay, for which nothing is put off: RelayLink lets it wait.
  [[nodiscard]] static std::string KeyOf(const route::Route& route) {
    if (route.courier == route::Courier::Relay) return {};
    return route.courier == route::Courier::Command ? CommandKey(route.uid) : AgentKey(route.uid);
  }

  /// False if mail for the courier of this user is to be put off.
  /// @param share whose mail it is
  [[nodiscard]] bool HasRoom(route::Courier courier, uid_t uid, uid_t share) const noexcept {
    if (courier == route::Courier::Relay) return true;
    return courier == route::Courier::Command ? commands_.HasRoom(uid, share) : agents_.HasRoom(uid, share);
  }

  /// order.done is called once, never from within this call.
  /// @param order goes its way even where HasRoom says no
  void Deliver(const route::Route& route, Order order) {
    switch (route.courier) {
      case route::Courier::Relay:
        return relay_.Deliver(std::move(order));
      case route::Courier::Command:
        return commands_.Deliver(route.uid, std::move(order));
      case route::Courier::Deliver:
        // The agent seals its answer with the relay's key. The relay makes that at its first start after
        // boot.
        if (route.own_relays) relay_.Start();
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
  static std::string AgentKey(uid_t uid) { return "agent " + std::to_string(uid); }
  static std::string CommandKey(uid_t uid) { return "command " + std::to_string(uid); }

  OnRoom on_room_;
  LauncherLink launcher_;
  RelayLink relay_;
  AgentPool agents_;
  CommandPool commands_;
  HomeWatch homes_{launcher_};
};

}  // namespace runner
