// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/ip/address.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dns {

constexpr std::size_t kMaxServers = 8;  ///< name servers in use

/// The name servers of a resolv.conf(5): numeric addresses, in its order, the first kMaxServers. Nothing else
/// there has a meaning here: a name that is looked up is a whole one.
/// @return this machine if there are none, as resolv.conf(5) has it
[[nodiscard]] std::vector<std::string> ParseResolvConf(std::string_view text);

/// The addresses that a hosts(5) file has for @p name, its letters' case ignored.
[[nodiscard]] std::vector<asio::ip::address> FindInHosts(std::string_view text, std::string_view name);

/// Tells whether a file is the one that it was: empty if there is none.
[[nodiscard]] std::string FingerprintOf(const std::string& path);

/// The content of a file of the system; empty if it can't be read or is of more than a megabyte, as if it
/// were not there.
[[nodiscard]] std::string TextOfFile(const std::string& path);

}  // namespace dns
