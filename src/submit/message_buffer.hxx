// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace submit {

/// Collects a message that can't be written to drop/: in memory, and beyond kMaxInMemory in an unnamed file
/// in $TMPDIR or /tmp. Calls return an errno value, 0 for success.
class MessageBuffer {
 public:
  static constexpr std::size_t kMaxInMemory = std::size_t{16} << 20;  ///< octets

  /// Appends @p data and removes from it what was taken: all of it, unless there is no room.
  [[nodiscard]] int Write(std::string_view& data) noexcept;

  /// @param part gets octets from @p offset on, at least one, valid until @p room or the buffer changes
  /// @param room for them, where they stand in the file
  [[nodiscard]] int Read(std::uint64_t offset, std::span<char> room, std::string_view& part) const noexcept;

  [[nodiscard]] std::uint64_t Size() const noexcept { return size_; }

 private:
  [[nodiscard]] bool Keep(std::string_view data) noexcept;
  [[nodiscard]] int MoveToFile() noexcept;

  std::string memory_;  ///< empty once there is a file
  UniqueFd file_;
  std::uint64_t size_ = 0;
};

}  // namespace submit
