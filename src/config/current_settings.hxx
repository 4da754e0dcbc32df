// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"

#include <string>
#include <vector>

namespace config {

/// The settings in force, for a program that lives longer than a file may stay the same. A file that can't be
/// read leaves the last good settings in force. One thread.
class CurrentSettings {
 public:
  /// Reads them. @param directory as Load has it
  explicit CurrentSettings(std::string directory);

  /// Reads the files if they have changed (Fingerprint), or if one of them could not be read the last time:
  /// the reason may have been a lack of descriptors, which is over. @return whether there is something new
  bool Refresh();
  /// Reads them whatever they look like.
  void Reload();

  [[nodiscard]] const Settings& Get() const noexcept { return loaded_.settings; }
  /// The mistakes in the files when they were last read.
  [[nodiscard]] const std::vector<Warning>& Warnings() const noexcept { return loaded_.warnings; }

 private:
  std::string directory_;
  std::string fingerprint_;
  Loaded loaded_;
  bool is_incomplete_;  // as they were read last
};

}  // namespace config
