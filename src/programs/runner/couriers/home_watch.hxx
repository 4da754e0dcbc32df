// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/couriers/launcher_link.hxx"

#include <sys/types.h>

#include <chrono>
#include <map>

namespace runner {

/// Has systemd watch for home directories that mail waits for: when one appears, all waiting mail is tried.
class HomeWatch {
 public:
  static constexpr std::chrono::minutes kInterval{1};  ///< between two requests for one user

  /// @param launcher outlives this
  explicit HomeWatch(LauncherLink& launcher) : launcher_(launcher) {}

  void Await(uid_t uid);

 private:
  using Clock = std::chrono::steady_clock;

  LauncherLink& launcher_;
  std::map<uid_t, Clock::time_point> asked_;  ///< within the last interval
};

}  // namespace runner
