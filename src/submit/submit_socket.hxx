// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "spool/drop_format.hxx"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace submit {

/// The way of a message through the runner's submit socket, for senders who can't write to drop/. Calls
/// return an errno value, 0 for success.
class SubmitSocket {
 public:
  /// @param limit the longest that this, a read or a write stands still
  [[nodiscard]] int Connect(const std::string& path, std::chrono::seconds limit) noexcept;

  /// EPIPE: the runner has closed its side, and may have said why.
  [[nodiscard]] int Write(std::string_view data) noexcept;

  /// Ends the stream.
  [[nodiscard]] int Finish() noexcept;

  /// Waits for the runner's word; empty if it says none.
  [[nodiscard]] std::optional<spool::SubmitReply> ReadReply();

 private:
  UniqueFd fd_;
};

}  // namespace submit
