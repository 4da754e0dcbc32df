// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"

#include <memory>

namespace queue {

/// Settings that never change: whoever holds them goes by them to the end. Never null.
using Snapshot = std::shared_ptr<const config::Settings>;

/// The settings in force.
class SettingsSource {
 public:
  /// Looks first whether there are newer ones.
  [[nodiscard]] virtual Snapshot Refresh() = 0;
  /// As of the last look.
  [[nodiscard]] virtual Snapshot Current() const = 0;

 protected:
  ~SettingsSource() = default;
};

}  // namespace queue
