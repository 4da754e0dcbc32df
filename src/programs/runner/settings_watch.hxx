// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"

#include <string>

namespace runner {

/// The settings in force. They follow the files without a reload; a file that can't be read leaves the last
/// good ones.
class SettingsWatch {
 public:
  explicit SettingsWatch(std::string directory);

  /// Looks whether the files have changed, and reads them if they have.
  const config::Settings& Refresh();
  /// Reads them whatever they look like.
  void Reload();

  [[nodiscard]] const config::Settings& Current() const noexcept { return loaded_.settings; }
  [[nodiscard]] const std::vector<config::Warning>& Warnings() const noexcept { return loaded_.warnings; }

 private:
  std::string directory_;
  std::string fingerprint_;
  config::Loaded loaded_;
};

}  // namespace runner
