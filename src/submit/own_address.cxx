// SPDX-License-Identifier: BSD-2-Clause
#include "submit/own_address.hxx"

#include <arpa/inet.h>
#include <cstring>
#include <ifaddrs.h>
#include <memory>
#include <netinet/in.h>

namespace submit {

namespace {

bool IsAt(const sockaddr* interface, int family, const in6_addr& wanted) noexcept {
  if (!interface || interface->sa_family != family) return false;
  if (family == AF_INET6)
    return std::memcmp(&reinterpret_cast<const sockaddr_in6*>(interface)->sin6_addr, &wanted,
                       sizeof(in6_addr)) == 0;
  return std::memcmp(&reinterpret_cast<const sockaddr_in*>(interface)->sin_addr, &wanted, sizeof(in_addr)) ==
         0;
}

}  // namespace

bool IsOwnAddress(const std::string& address) {
  const int family = address.find(':') == address.npos ? AF_INET : AF_INET6;
  in6_addr wanted{};
  ifaddrs* list = nullptr;
  if (::inet_pton(family, address.c_str(), &wanted) != 1 || ::getifaddrs(&list) < 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  for (const auto* entry = list; entry; entry = entry->ifa_next)
    if (IsAt(entry->ifa_addr, family, wanted)) return true;
  return false;
}

}  // namespace submit
