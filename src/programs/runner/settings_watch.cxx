// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/settings_watch.hxx"

#include "service/journal.hxx"

#include <syslog.h>

#include <utility>

namespace runner {

SettingsWatch::SettingsWatch(std::string directory) : directory_(std::move(directory)) {
  fingerprint_ = config::Fingerprint(directory_);
  Reload();
}

const config::Settings& SettingsWatch::Refresh() {
  auto fingerprint = config::Fingerprint(directory_);
  if (fingerprint != fingerprint_) {
    fingerprint_ = std::move(fingerprint);
    Reload();
  }
  return Current();
}

void SettingsWatch::Reload() {
  auto loaded = config::Load(directory_);
  for (const auto& warning : loaded.warnings) service::Log(LOG_WARNING, warning.ToString() + ", ignoring");
  const bool first = loaded_.settings.mail.hostname.empty();
  if (loaded.settings.incomplete && !first)
    loaded_.warnings = std::move(loaded.warnings);  // what was in force stays in force
  else
    loaded_ = std::move(loaded);
}

}  // namespace runner
