// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

/// Messages of a service to systemd (sd_notify(3)). Without systemd each call does nothing.
namespace service {

void NotifyReady() noexcept;
void NotifyStopping() noexcept;
/// Before and after a reload of the configuration.
void NotifyReloading() noexcept;
/// The line of `systemctl status`.
void NotifyStatus(std::string_view text);
void NotifyWatchdog() noexcept;
/// How often NotifyWatchdog is to be called: half of the unit's WatchdogSec=; empty if it has none.
[[nodiscard]] std::optional<std::chrono::microseconds> WatchdogInterval() noexcept;

}  // namespace service
