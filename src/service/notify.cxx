// SPDX-License-Identifier: BSD-2-Clause
#include "service/notify.hxx"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <string>

namespace service {

void NotifyReady() noexcept {
  sd_notify(0, "READY=1");
}

void NotifyStopping() noexcept {
  sd_notify(0, "STOPPING=1");
}

void NotifyReloading() noexcept {
  sd_notify(0, "RELOADING=1");
}

void NotifyStatus(std::string_view text) {
  sd_notify(0, ("STATUS=" + std::string(text)).c_str());
}

void NotifyWatchdog() noexcept {
  sd_notify(0, "WATCHDOG=1");
}

std::optional<std::chrono::microseconds> WatchdogInterval() noexcept {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds(microseconds / 2);
}

}  // namespace service
