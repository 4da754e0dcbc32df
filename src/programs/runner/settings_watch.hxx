// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/current_settings.hxx"

#include <string>
#include <vector>

namespace runner {

/// The settings in force. They follow the files without a reload; a file that can't be read leaves the last
/// good ones. What is wrong with them is logged.
class SettingsWatch {
 public:
  explicit SettingsWatch(std::string directory);

  /// Looks whether the files have changed, and reads them if they have.
  const config::Settings& Refresh();
  /// Reads them whatever they look like.
  void Reload();

  [[nodiscard]] const config::Settings& Current() const noexcept { return settings_.Get(); }
  [[nodiscard]] const std::vector<config::Warning>& Warnings() const noexcept { return settings_.Warnings(); }

 private:
  void Report() const;

  config::CurrentSettings settings_;
};

}  // namespace runner
