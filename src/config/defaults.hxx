// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"

#include <string>
#include <string_view>
#include <vector>

namespace config {

/// The names of the machine that the configuration does not set.
struct HostNames {
  std::string hostname;                    ///< FindHostname()
  std::string mail_name;                   ///< the first word of /etc/mailname; empty: none
  std::vector<std::string> hosts_names{};  ///< FindHostsNames()
};

constexpr char kMailNameFile[] = "/etc/mailname";

/// Gives the names that are still empty in @p settings their defaults.
void FillDefaults(Settings& settings, const HostNames& names);

constexpr char kHostsFile[] = "/etc/hosts";

/// The full names that a file of the form of hosts(5) has for @p hostname: on a line that lists it or its
/// first label, the line's first name, and those that begin with that label.
[[nodiscard]] std::vector<std::string> FindHostsNames(std::string_view text, std::string_view hostname);

constexpr char kHostnameFile[] = "/etc/hostname";

/// The static name of hostname(5); where there is none, the one of gethostname(2), which the network may
/// change; "localhost" where that is no domain name.
[[nodiscard]] std::string FindHostname();

/// The name in a file of the form of hostname(5); empty if there is none, or it is no domain name.
[[nodiscard]] std::string ParseHostnameFile(std::string_view text);

}  // namespace config
