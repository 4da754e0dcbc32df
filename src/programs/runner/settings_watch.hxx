// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/current_settings.hxx"
#include "programs/runner/name_record.hxx"
#include "queue/settings_source.hxx"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace runner {

/// The settings in force. They follow the files without a reload; a file that can't be read leaves the last
/// good ones. What is wrong with them is logged.
class SettingsWatch final : public queue::SettingsSource {
 public:
  explicit SettingsWatch(std::string directory);

  /// Keeps the machine's names local that mail in the queue was accepted under.
  /// @param directory queue/ of the spool; it and its disk outlive this
  /// @param retry after what time Refresh reads again what could not be read
  void KeepNames(Disk& disk, FdRef directory,
                 std::chrono::steady_clock::duration retry = std::chrono::seconds(10));
  /// There is no such mail any more.
  void ForgetNames();

  /// Looks whether the files have changed, and reads them if they have.
  [[nodiscard]] queue::Snapshot Refresh() override;
  /// Reads them whatever they look like.
  void Reload();

  [[nodiscard]] queue::Snapshot Current() const override { return current_; }
  [[nodiscard]] const std::vector<config::Warning>& Warnings() const noexcept { return settings_.Warnings(); }

 private:
  void OnLoaded();
  void TakeOver();

  config::CurrentSettings settings_;
  queue::Snapshot current_;  ///< with the names that are kept
  std::optional<NameRecord> names_;
  std::chrono::steady_clock::duration names_retry_{};
  std::chrono::steady_clock::time_point names_due_;  ///< to be read again, if they are not read
};

}  // namespace runner
