// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"

#include <string>

namespace config {

/// What the machine is called where the configuration doesn't say.
struct HostNames {
  std::string hostname;   ///< of gethostname(2), or "localhost" where that is no domain name
  std::string mail_name;  ///< the first word of /etc/mailname; empty: none
};

constexpr char kMailNameFile[] = "/etc/mailname";

/// Gives the names that are still empty in @p settings their defaults.
void FillDefaults(Settings& settings, const HostNames& names);

[[nodiscard]] std::string FindHostname();

}  // namespace config
