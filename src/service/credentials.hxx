// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace service {

/// A credential that systemd loaded for this unit (LoadCredential= in systemd.exec(5)).
/// @param name one path component
/// @return empty if there is none of that name. Throws std::system_error if it can't be read or is over 64
/// KiB.
[[nodiscard]] std::optional<std::string> FindCredential(std::string_view name);

/// The path of its file, for a library that reads it itself; empty if there is none of that name.
[[nodiscard]] std::string FindCredentialFile(std::string_view name);

}  // namespace service
