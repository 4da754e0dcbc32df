// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace table {

/// Lines over a Unix stream socket, each ended by LF, sent and awaited until a deadline.
class LineChannel {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// Throws std::system_error: ETIMEDOUT at the deadline.
  /// @param max_line octets; a longer line is EMSGSIZE
  LineChannel(const std::string& path, std::size_t max_line, Deadline deadline);

  /// Throws std::system_error.
  void Send(std::string_view text, Deadline deadline);
  /// A line without its end; empty if the other side has closed. Throws std::system_error.
  [[nodiscard]] std::optional<std::string> Receive(Deadline deadline);

 private:
  void Wait(short events, Deadline deadline) const;
  [[nodiscard]] bool Read(Deadline deadline);

  UniqueFd fd_;
  std::size_t max_line_;
  std::string received_;  // and not yet returned
};

}  // namespace table
