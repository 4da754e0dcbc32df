// SPDX-License-Identifier: BSD-2-Clause
#include "route/end.hxx"

#include "base/text.hxx"
#include "mail/address.hxx"

namespace route {

// Domains are compared without regard to case, local parts are the other machine's business (RFC 5321
// section 2.4).
std::string RemoteKey(const std::string& address) {
  const auto parsed = mail::Address::Parse(address);
  if (!parsed) return "remote " + address;
  return "remote " + mail::Address{parsed->local, ToLower(parsed->domain)}.ToString();
}

std::string End::Key() const {
  const auto* const route = GetRoute();
  return route && route->forward ? "forward " + user + " " + route->extension : PlaceKey();
}

std::string End::PlaceKey() const {
  const auto* const route = GetRoute();
  // A copy that is discarded must not take the place of one that is refused or has to wait.
  if (!route) return std::string(ToString(std::get<mail::DeliveryResult>(where).outcome)) + " " + address;
  if (user.empty()) return RemoteKey(address);
  if (route->courier == Courier::Command) return "command " + user + " " + route->destination;
  return "mailbox " + user + " " + (place.empty() ? route->destination : place);
}

const std::string& End::AddressForOthers() const noexcept {
  const auto* const route = GetRoute();
  const bool leaves = route && route->leaves;
  return leaves || lineage->cover.empty() ? address : lineage->cover;
}

}  // namespace route
