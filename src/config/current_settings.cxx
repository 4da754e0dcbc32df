// SPDX-License-Identifier: BSD-2-Clause
#include "config/current_settings.hxx"

#include <utility>

namespace config {

// The fingerprint first: a file that changes between the two is read once more.
CurrentSettings::CurrentSettings(std::string directory)
    : directory_(std::move(directory)), fingerprint_(Fingerprint(directory_)), loaded_(Load(directory_)) {}

bool CurrentSettings::Refresh() {
  auto fingerprint = Fingerprint(directory_);
  if (fingerprint == fingerprint_) return false;
  fingerprint_ = std::move(fingerprint);
  Reload();
  return true;
}

void CurrentSettings::Reload() {
  auto loaded = Load(directory_);
  if (loaded.settings.incomplete)
    loaded_.warnings = std::move(loaded.warnings);  // what was in force stays in force
  else
    loaded_ = std::move(loaded);
}

}  // namespace config
