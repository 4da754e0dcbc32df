// SPDX-License-Identifier: BSD-2-Clause
#include "queue/user_relays.hxx"

#include "config/relay_list.hxx"
#include "config/user_relays.hxx"
#include "courier/credentials.hxx"

#include <string>
#include <utility>

namespace queue {

route::Where ApplyUserRelays(const courier::OwnRelays& relays, const route::End& end,
                             const config::Settings& settings) {
  // Without an owner a label would stand for a password of the machine's.
  const auto* const asked = end.GetRoute();
  if (!end.AsksRelays() || asked->owner.empty())
    return mail::Deferred("4.3.0", "nobody has asked for relays");
  if (relays.where.empty()) return end.otherwise;
  std::string bad;
  const auto list = config::RelayList::Parse(relays.relays, bad);
  auto options = config::OptionsForUser(settings.relay.common.options, relays.options);
  const bool may_have = !list.IsEmpty() && bad.empty() && config::FaultOfUserRelays(list).empty();
  if (!may_have || !options || relays.credentials.size() > courier::kMaxCredentialStamp)
    return mail::Deferred("4.3.5", relays.where + ": the relays are not understood");
  route::Route route;
  route.courier = route::Courier::Relay;
  route.uid = asked->uid;
  route.destination = list.ToString();
  route.options = std::move(*options);
  route.owner = asked->owner;
  route.credentials = relays.credentials;
  route.leaves = true;
  route.sender = asked->sender;
  return route;
}

}  // namespace queue
