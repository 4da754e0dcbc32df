// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smtp::server {

/// Decodes the message behind DATA: it ends at the line of a single dot, and the dot that stuffs others is
/// removed (RFC 5321 section 4.5.2). Its line ends become LF.
///
/// A client whose DATA ended in CR LF must end the message in CR LF "." CR LF; a dot between other line ends
/// is text, or a message could smuggle in commands of its own past a client that only looks for CR LF. One
/// that writes LF (LSB allows it) ends it so. What a client sends that is gone before the end is not a
/// message: nothing of it may be sent.
class DataDecoder {
 public:
  /// @param strict DATA ended in CR LF
  explicit DataDecoder(bool strict) noexcept : strict_(strict) {}

  /// Takes octets up to the end of the message.
  /// @param text what they decode to is added to it
  /// @return how many it has taken; the others are the next command
  std::size_t Take(std::string_view octets, std::string& text);

  [[nodiscard]] bool IsEnded() const noexcept { return ended_; }

 private:
  enum class State { LineStart, Dot, DotCr, Text, Cr };

  void OnOctet(char c, std::string& text);
  void OnText(char c, std::string& text);

  const bool strict_;
  bool ended_ = false;
  State state_ = State::LineStart;
};

}  // namespace smtp::server
