// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// A stored message with the fields that go in front of it, block by block.
class MessageSource {
 public:
  static constexpr std::uint64_t kBlock = 32 * 1024;  ///< octets

  /// @param message a regular file, read with pread(2); outlives this
  /// @param size octets of it; a file that has become shorter is an error
  /// @param head fields, each ended by LF; outlives this
  MessageSource(FdRef message, std::uint64_t size, std::string_view head);

  /// Valid until the next call; never without octets; empty behind the last block. Throws std::exception if
  /// the message can't be read.
  [[nodiscard]] std::optional<std::string_view> Next();
  /// Next has returned the last block.
  [[nodiscard]] bool AtEnd() const noexcept { return left_ == 0 && head_.empty(); }

 private:
  FdRef message_;
  std::uint64_t left_;
  std::uint64_t offset_ = 0;
  std::string_view head_;  // not returned yet
  std::vector<char> block_;
};

}  // namespace relay
