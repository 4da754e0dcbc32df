// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>

namespace ctl {

/// Keeps a secret in a file that only systemd on this machine can open (systemd-creds(1)). The program runs
/// in a unit of its own and reads the secret from a socket, so that no other process sees it.
/// @param name of the credential, which the service that is to load it must ask for
/// @param path of the file, which is replaced; root's, mode 0600
/// @return empty if the file is there; else what keeps it from being made
[[nodiscard]] std::string Seal(const std::string& name, const std::string& path, std::string_view secret);

}  // namespace ctl
