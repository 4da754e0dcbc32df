// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mail {

/// True for the digits of base64, "=" and the white space around them (RFC 2045 section 6.8).
[[nodiscard]] bool IsBase64Text(char c) noexcept;

/// Gives base64 text lines that are not too long, block by block: no reader minds where they end. A CR that
/// is not part of a line end becomes one.
class Base64Folder {
 public:
  /// Appends to @p out what the block becomes.
  /// @param block of octets that are IsBase64Text
  void Add(std::string_view block, std::string& out);
  void Finish(std::string& out);

 private:
  void EndLine(std::string& out);

  std::size_t column_ = 0;
  bool held_cr_ = false;  // a CR whose successor is not known yet
};

}  // namespace mail
