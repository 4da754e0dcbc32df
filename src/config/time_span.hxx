// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/time.hxx"

#include <chrono>
#include <optional>
#include <string_view>

namespace config {

constexpr mail::Duration kMaxTimeSpan = std::chrono::years(100);

/// A time span as systemd.time(7) writes it: numbers with units, added up ("5d", "1min 30s", "1.5h"); a
/// number without a unit counts seconds. Empty for anything else, for "infinity", and beyond kMaxTimeSpan.
[[nodiscard]] std::optional<mail::Duration> ParseTimeSpan(std::string_view text) noexcept;

}  // namespace config
