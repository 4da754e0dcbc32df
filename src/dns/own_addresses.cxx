// SPDX-License-Identifier: BSD-2-Clause
#include "dns/own_addresses.hxx"

#include <algorithm>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>

namespace dns {

namespace {

// A mapped address (RFC 4291 section 2.5.5.2) leads where the one in it does.
asio::ip::address Unmap(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

template <typename Address, typename Raw>
Address MakeAddress(const Raw& raw) {
  typename Address::bytes_type bytes;
  static_assert(sizeof raw == sizeof bytes);
  std::memcpy(bytes.data(), &raw, sizeof bytes);
  return Address(bytes);
}

}  // namespace

OwnAddresses OwnAddresses::Load() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) < 0) return OwnAddresses({});
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  std::vector<asio::ip::address> addresses;
  for (const auto* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr) continue;
    if (entry->ifa_addr->sa_family == AF_INET)
      addresses.emplace_back(
          MakeAddress<asio::ip::address_v4>(reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr));
    if (entry->ifa_addr->sa_family == AF_INET6)
      addresses.emplace_back(MakeAddress<asio::ip::address_v6>(
          reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr));
  }
  return OwnAddresses(std::move(addresses));
}

bool OwnAddresses::Has(const asio::ip::address& address) const {
  const auto plain = Unmap(address);
  return plain.is_loopback() || plain.is_unspecified() ||
         std::ranges::find(interfaces_, plain) != interfaces_.end();
}

}  // namespace dns
