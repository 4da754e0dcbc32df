// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mail {

/// Cuts lines of more than 998 octets, and replaces a NUL or a CR that ends no line with a space: for text
/// that can't be encoded. Works block by block.
class LineCutter {
 public:
  enum class EightBit { Keep, Replace };  ///< Replace: a "?" for each octet over 127

  explicit LineCutter(EightBit eight_bit) noexcept : eight_bit_(eight_bit) {}

  void Add(std::string_view block, std::string& out);

 private:
  const EightBit eight_bit_;
  std::size_t column_ = 0;
  bool held_cr_ = false;
};

}  // namespace mail
