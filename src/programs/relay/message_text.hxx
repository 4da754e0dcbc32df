// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "smtp/dot_stuffer.hxx"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// A stored message as it goes over the line, block by block: memory does not grow with it.
class MessageText {
 public:
  /// @param message a regular file, read with pread(2); outlives this
  /// @param size octets of it; a file that has become shorter is an error
  MessageText(FdRef message, std::uint64_t size);

  /// The next octets to send, valid until the next call; the last ones contain the final dot. Empty
  /// behind them. Throws std::exception if the message can't be read.
  [[nodiscard]] std::optional<std::string_view> Next();
  /// What Next returned last is the end.
  [[nodiscard]] bool AtEnd() const noexcept { return finished_; }

 private:
  void ReadBlock();

  FdRef message_;
  std::uint64_t left_;
  std::uint64_t offset_ = 0;
  smtp::DotStuffer stuffer_;
  std::vector<char> block_;
  std::string text_;
  bool finished_ = false;
};

}  // namespace relay
