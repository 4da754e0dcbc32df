// SPDX-License-Identifier: BSD-2-Clause
#include "config/current_settings.hxx"

#include <utility>

namespace config {

// The fingerprint is taken before the files are read: a file that changes in between is read once more.
CurrentSettings::CurrentSettings(std::string directory)
    : directory_(std::move(directory)),
      fingerprint_(Fingerprint(directory_)),
      loaded_(Load(directory_)),
      is_incomplete_(loaded_.settings.incomplete) {}

bool CurrentSettings::Refresh() {
  auto fingerprint = Fingerprint(directory_);
  const bool has_changed = fingerprint != fingerprint_;
  if (!has_changed && !is_incomplete_) return false;
  fingerprint_ = std::move(fingerprint);
  Reload();
  return has_changed || !is_incomplete_;
}

void CurrentSettings::Reload() {
  auto loaded = Load(directory_);
  is_incomplete_ = loaded.settings.incomplete;
  if (is_incomplete_)
    loaded_.warnings = std::move(loaded.warnings);  // what was in force stays in force
  else
    loaded_ = std::move(loaded);
}

}  // namespace config
