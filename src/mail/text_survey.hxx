// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mail {

/// Finds what in a text not every channel carries (RFC 5321 sections 2.3.8 and 4.5.3.1.6, RFC 2045
/// section 2.7). The text comes in blocks; its lines end in LF or CRLF.
class TextSurvey {
 public:
  static constexpr std::size_t kMaxLine = 998;  ///< octets without the line end

  void Add(std::string_view block);
  void Finish();

  [[nodiscard]] std::uint64_t Size() const noexcept { return size_; }  ///< octets
  [[nodiscard]] bool HasEightBit() const noexcept { return eight_bit_; }
  [[nodiscard]] bool HasLongLine() const noexcept { return long_line_; }
  /// A CR that is no part of a line end, or a NUL.
  [[nodiscard]] bool HasBareControl() const noexcept { return bare_control_; }

 private:
  void AddPart(std::string_view part);
  void EndLine();

  std::uint64_t size_ = 0;
  std::uint64_t line_ = 0;  // octets of the line so far
  bool held_cr_ = false;    // its last octet is a CR
  bool eight_bit_ = false;
  bool long_line_ = false;
  bool bare_control_ = false;
};

}  // namespace mail
