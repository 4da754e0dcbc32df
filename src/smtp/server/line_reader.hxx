// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smtp::server {

/// Puts together the lines that a client sends, in whatever pieces they come. They end in CR LF or LF.
class LineReader {
 public:
  /// @param limit octets of a line with its CR; of a longer one nothing is kept
  explicit LineReader(std::size_t limit) noexcept : limit_(limit) {}

  /// Takes octets of the next line, up to its end. The line before is forgotten.
  /// @return how many it has taken; the others are for whoever reads on
  std::size_t Take(std::string_view octets);

  /// The line has its end.
  [[nodiscard]] bool IsComplete() const noexcept { return complete_; }

  // Of a complete line:
  [[nodiscard]] bool IsTooLong() const noexcept { return too_long_; }
  /// Without its end; valid until the next call of Take.
  [[nodiscard]] std::string_view Line() const noexcept { return line_; }
  /// It ended in CR LF rather than LF.
  [[nodiscard]] bool EndedInCrLf() const noexcept { return crlf_; }

 private:
  const std::size_t limit_;
  std::string line_;
  bool complete_ = false;
  bool too_long_ = false;
  bool crlf_ = false;
};

}  // namespace smtp::server
