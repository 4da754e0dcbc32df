// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/settings_watch.hxx"

#include "service/journal.hxx"

#include <syslog.h>

#include <utility>

namespace runner {

SettingsWatch::SettingsWatch(std::string directory) : settings_(std::move(directory)) {
  Report();
}

const config::Settings& SettingsWatch::Refresh() {
  if (settings_.Refresh()) Report();
  return Current();
}

void SettingsWatch::Reload() {
  settings_.Reload();
  Report();
}

void SettingsWatch::Report() const {
  for (const auto& warning : Warnings()) service::Log(LOG_WARNING, warning.ToString() + ", ignoring");
}

}  // namespace runner
