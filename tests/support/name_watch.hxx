// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

/// One watch of a directory: what inotify(7) tells, from a test.
class NameWatch {
 public:
  /// @param reader gets the descriptor that events are read from; without one there are none left
  explicit NameWatch(UniqueFd& reader);

  /// @param event IN_CREATE or the like
  void Tell(std::string_view name, std::uint32_t event);
  /// Sends what did not fit before.
  void Continue();
  /// Nobody reads it any more.
  [[nodiscard]] bool IsOver() const noexcept { return !socket_; }

 private:
  UniqueFd socket_;
  std::deque<std::string> unsent_;
};
