// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/own_addresses.hxx"
#include "dns/records.hxx"
#include "dns/resolver.hxx"
#include "mail/delivery_result.hxx"

#include <asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace dns {

/// A host that takes a domain's mail.
struct MailHost {
  std::string name;
  std::uint16_t preference = 0;
  HostAddresses found;
};

/// The hosts that take a domain's mail, in the order in which they are tried.
struct MailHosts {
  std::vector<MailHost> hosts;  ///< each with an address; empty only with a fault
  bool secure = false;          ///< their names have been validated, or that there are none
  std::optional<mail::DeliveryResult>
      fault;  ///< why there are none, as the result of all mail for the domain
};

constexpr std::size_t kMaxMailHosts = 10;    ///< that are looked up; further ones are not tried
constexpr std::size_t kMaxMxRecords = 1000;  ///< that are looked at

/// Looks them up: RFC 5321 section 5.1, RFC 7505. The domain itself is its host if it has no MX record. A
/// host that is this machine is left out with all that are not preferred to it.
/// @param domain in the form of ToAscii
[[nodiscard]] asio::awaitable<MailHosts> FindMailHosts(Resolver& resolver, std::string domain,
                                                       OwnAddresses own);

/// "This domain takes no mail" (RFC 7505 section 3).
[[nodiscard]] bool IsNullMx(const std::vector<MxRecord>& records) noexcept;

/// By preference, those of the same preference shuffled; names that no host can have, like IP addresses, and
/// repeated ones left out; at most kMaxMailHosts.
[[nodiscard]] std::vector<MxRecord> OrderMxRecords(std::vector<MxRecord> records, std::mt19937& random);

/// Drops hosts that are this machine, and all that are not preferred to the best of them.
/// @param hosts by preference
/// @return true if any was dropped
bool DropOwn(std::vector<MailHost>& hosts, const OwnAddresses& own);

}  // namespace dns
