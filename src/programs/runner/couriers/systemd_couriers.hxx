// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/couriers/agent_pool.hxx"
#include "programs/runner/couriers/command_pool.hxx"
#include "programs/runner/couriers/home_watch.hxx"
#include "programs/runner/couriers/launcher_link.hxx"
#include "programs/runner/couriers/relay_link.hxx"
#include "queue/couriers.hxx"
#include "route/end.hxx"

#include <asio/io_context.hpp>

#include <sys/types.h>

#include <utility>

namespace runner {

/// The couriers as systemd starts them: the relay's service, and a unit for each user's agent and command.
class SystemdCouriers final : public queue::Couriers {
 public:
  explicit SystemdCouriers(asio::io_context& context);

  void SetOnRoom(OnRoom on_room) override { on_room_ = std::move(on_room); }
  [[nodiscard]] bool HasRoom(route::Courier courier, uid_t uid, uid_t share) const noexcept override;
  void Deliver(const route::Route& route, Order order) override;
  void Probe(Order order) override { relay_.Deliver(std::move(order)); }
  void OnResult(uid_t uid, const mail::DeliveryResult& result) override;
  void OnMountChange() override { agents_.RetireAll(); }

 private:
  void TellRoom(route::Courier courier, uid_t uid, std::size_t count) noexcept;

  OnRoom on_room_;
  LauncherLink launcher_;
  RelayLink relay_;
  AgentPool agents_;
  CommandPool commands_;
  HomeWatch homes_{launcher_};
};

}  // namespace runner
