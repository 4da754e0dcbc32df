// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/ip/address.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dns {

constexpr std::size_t kMaxServers = 8;  ///< name servers in use

constexpr std::size_t kMaxSearch = 6;  ///< domains that are searched

/// The name servers of a resolv.conf(5): numeric addresses, in its order, the first kMaxServers.
/// @return this machine if there are none, as resolv.conf(5) has it
[[nodiscard]] std::vector<std::string> ParseResolvConf(std::string_view text);

/// Where a name may be found that is not a whole one: resolv.conf(5), search and ndots.
struct Search {
  std::vector<std::string> domains;
  unsigned dots = 1;  ///< a name with as many is tried as it is first

  /// The names to look up for @p host, in order.
  [[nodiscard]] std::vector<std::string> NamesFor(const std::string& host) const;
};

/// @param machine the machine's name: without "search" or "domain" in the text, its domain is searched
[[nodiscard]] Search ParseSearch(std::string_view text, std::string_view machine);

/// gethostname(2); empty if it fails.
[[nodiscard]] std::string NameOfMachine();

/// The addresses that a hosts(5) file has for @p name, its letters' case ignored.
[[nodiscard]] std::vector<asio::ip::address> FindInHosts(std::string_view text, std::string_view name);

/// Tells whether a file is the one that it was: empty if there is none.
[[nodiscard]] std::string FingerprintOf(const std::string& path);

/// The content of a file of the system; empty if it can't be read or is of more than a megabyte, as if it
/// were not there.
[[nodiscard]] std::string TextOfFile(const std::string& path);

}  // namespace dns
