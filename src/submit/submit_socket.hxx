// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "spool/drop_format.hxx"

#include <optional>
#include <string>
#include <string_view>

namespace submit {

/// The way of a message through the runner's submit socket, for senders who can't write to drop/. Calls
/// return an errno value, 0 for success.
class SubmitSocket {
 public:
  [[nodiscard]] int Connect(const std::string& path) noexcept;

  /// EPIPE: the runner has closed its side, and may have said why.
  [[nodiscard]] int Write(std::string_view data) noexcept;

  /// Ends the stream.
  [[nodiscard]] int Finish() noexcept;

  /// Waits for the runner's word; empty if it says none within kTimeout.
  [[nodiscard]] std::optional<spool::SubmitReply> ReadReply();

  /// The longest that a read or write stands still.
  static constexpr int kTimeout = 120;  // seconds

 private:
  UniqueFd fd_;
};

}  // namespace submit
