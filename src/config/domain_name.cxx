// SPDX-License-Identifier: BSD-2-Clause
#include "config/domain_name.hxx"

#include "base/text.hxx"
#include "base/utf8.hxx"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <string>

namespace config {

namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::size_t kMaxLabel = 63;

bool IsDigit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool IsLabelCharacter(char c) noexcept {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool IsDomainLabel(std::string_view label) noexcept {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, IsLabelCharacter);
}

constexpr std::string_view kLoopbacks[] = {
    "localhost",  "localhost.localdomain",   "localhost4",    "localhost4.localdomain4",
    "localhost6", "localhost6.localdomain6", "ip6-localhost", "ip6-loopback"};

bool IsLoopbackAddress(const in_addr& address) noexcept {
  const auto first = ntohl(address.s_addr) >> 24;
  return first == IN_LOOPBACKNET || address.s_addr == htonl(INADDR_ANY);
}

bool IsLoopbackAddress(const in6_addr& address) noexcept {
  if (!IN6_IS_ADDR_V4MAPPED(&address))
    return IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address);
  in_addr mapped{};
  std::memcpy(&mapped, &address.s6_addr[12], sizeof mapped);
  return IsLoopbackAddress(mapped);
}

template <typename Address>
bool IsLoopbackText(int family, const std::string& text) {
  Address address{};
  return ::inet_pton(family, text.c_str(), &address) == 1 && IsLoopbackAddress(address);
}

}  // namespace

std::string AddressOfLiteral(std::string_view domain) {
  static constexpr std::string_view kIpv6 = "IPv6:";
  if (domain.size() < 2 || !domain.starts_with('[') || !domain.ends_with(']')) return {};
  auto literal = domain.substr(1, domain.size() - 2);
  const bool is_ipv6 = StartsWithIgnoreCase(literal, kIpv6);
  if (is_ipv6) literal.remove_prefix(kIpv6.size());
  std::string text(literal);
  in6_addr ignored{};
  return ::inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text.c_str(), &ignored) == 1 ? text : std::string();
}

bool IsLoopback(std::string_view domain) {
  const auto is_same = [domain](auto name) { return EqualsIgnoreCase(domain, name); };
  if (std::ranges::any_of(kLoopbacks, is_same) || ToLower(domain).ends_with(".localhost")) return true;
  const auto address = AddressOfLiteral(domain);
  return IsLoopbackText<in_addr>(AF_INET, address) || IsLoopbackText<in6_addr>(AF_INET6, address);
}

bool IsDomainName(std::string_view text) noexcept {
  if (text.size() > kMaxName) return false;
  for (;;) {
    const auto dot = text.find('.');
    const auto label = text.substr(0, dot);
    if (!IsDomainLabel(label)) return false;
    if (dot == text.npos) return !std::ranges::all_of(label, IsDigit);
    text.remove_prefix(dot + 1);
  }
}

bool IsMailDomain(std::string_view text) noexcept {
  if (text.size() > kMaxName || !IsUtf8(text)) return false;
  std::string ascii(text);
  for (char& c : ascii)
    if (static_cast<unsigned char>(c) >= 0x80) c = 'x';
  return IsDomainName(ascii);
}

}  // namespace config
