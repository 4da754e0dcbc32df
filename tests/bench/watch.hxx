// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <chrono>
#include <set>
#include <string>

namespace bench {

using Clock = std::chrono::steady_clock;

/// Waits for changes of a file, or of the files in a folder.
class Watch {
 public:
  /// Throws std::system_error.
  explicit Watch(const std::string& path);

  struct Changes {
    std::set<std::string> names;  ///< of files in the folder
    bool lost = false;            ///< there were more than the kernel keeps: anything may have changed
  };
  /// What has changed since the last call, at least one thing. Throws std::runtime_error at @p deadline.
  [[nodiscard]] Changes Await(Clock::time_point deadline) const;

 private:
  UniqueFd fd_;
};

}  // namespace bench
