// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace config {

/// A number of octets as systemd.syntax(7) writes sizes: digits and perhaps K, M, G or T, to the base of
/// 1024. Empty for anything else, and for what does not fit.
[[nodiscard]] std::optional<std::uint64_t> ParseSize(std::string_view text) noexcept;

}  // namespace config
