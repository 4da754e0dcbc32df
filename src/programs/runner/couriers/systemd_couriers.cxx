// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/couriers/systemd_couriers.hxx"

#include "courier/protocol.hxx"

#include <cstddef>
#include <exception>

namespace runner {

SystemdCouriers::SystemdCouriers(asio::io_context& context)
    : launcher_(context),
      relay_(context),
      agents_(context, launcher_,
              [this](uid_t uid, std::size_t count) { TellRoom(route::Courier::Deliver, uid, count); }),
      commands_(context, launcher_,
                [this](uid_t uid, std::size_t count) { TellRoom(route::Courier::Command, uid, count); }) {}

// The pools are amid their work: a result must reach its message, whatever keeps others from being woken.
void SystemdCouriers::TellRoom(route::Courier courier, uid_t uid, std::size_t count) noexcept {
  try {
    if (on_room_) on_room_(courier, uid, count);
  } catch (const std::exception&) {
    // Memory is short. What waits is tried all the same, but later.
  }
}

bool SystemdCouriers::HasRoom(route::Courier courier, uid_t uid, uid_t share) const noexcept {
  if (courier == route::Courier::Relay) return true;
  return courier == route::Courier::Command ? commands_.HasRoom(uid, share) : agents_.HasRoom(uid, share);
}

void SystemdCouriers::Deliver(const route::Route& route, Order order) {
  switch (route.courier) {
    case route::Courier::Relay:
      return relay_.Deliver(std::move(order));
    case route::Courier::Command:
      return commands_.Deliver(route.uid, std::move(order));
    case route::Courier::Deliver:
      // The agent seals its answer with the relay's key. The relay makes that at its first start after boot.
      if (route.own_relays) relay_.Start();
      return agents_.Deliver(route.uid, std::move(order));
  }
}

void SystemdCouriers::OnResult(uid_t uid, const mail::DeliveryResult& result) {
  if (result.status == courier::kAwaitsHome) homes_.Await(uid);
  if (result.status == courier::kAwaitsHome || result.status == courier::kMailboxClosed) agents_.Retire(uid);
}

}  // namespace runner
