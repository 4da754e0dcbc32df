// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string_view>

namespace config {

/// Reads a boolean as systemd.syntax(7) has it, in any case: 1, yes, y, true, t, on; 0, no, n, false, f, off.
[[nodiscard]] std::optional<bool> ParseBoolean(std::string_view text) noexcept;

}  // namespace config
