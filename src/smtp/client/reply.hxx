// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smtp {

/// The reply of a server to one command (RFC 5321 section 4.2).
struct Reply {
  int code = 0;                    ///< 200 to 599
  std::vector<std::string> lines;  ///< the text of each line, without code and line end; at least one

  [[nodiscard]] int Class() const noexcept { return code / 100; }
  /// The enhanced status code (RFC 2034) that opens the text, if its class is that of the code; else empty.
  [[nodiscard]] std::string_view EnhancedStatus() const noexcept;
  /// All of it on one line, "550 5.1.1 No such user": control characters, backslashes and octets
  /// over 126 as \xHH, a status code that is repeated on each line once. No longer than kMaxShown octets.
  [[nodiscard]] std::string ToString() const;

  static constexpr std::size_t kMaxShown = 500;
};

/// Cuts what a server sends into replies. Bounded: a server can't make it grow beyond kMaxReply and one Feed.
class ReplyParser {
 public:
  static constexpr std::size_t kMaxLine = 16 * 1024;   ///< octets; RFC 4954 asks for 12,288
  static constexpr std::size_t kMaxReply = 64 * 1024;  ///< octets of all lines of one reply

  void Feed(std::string_view octets);
  /// The next whole reply; empty if more input is needed, or if Bad().
  [[nodiscard]] std::optional<Reply> Next();
  /// The input is not an SMTP reply, or too long: nothing further can be read.
  [[nodiscard]] bool Bad() const noexcept { return !error_.empty(); }
  /// The fault, for a person; empty unless Bad().
  [[nodiscard]] std::string_view Error() const noexcept { return error_; }
  /// All input was part of the replies that were taken.
  [[nodiscard]] bool Empty() const noexcept { return buffer_.empty() && reply_.lines.empty(); }

 private:
  std::optional<std::string_view> NextLine();
  bool TakeLine(std::string_view line);

  std::string buffer_;
  std::size_t taken_ = 0;  // octets of buffer_ that have been read
  Reply reply_;            // begun, not finished
  std::size_t size_ = 0;   // of reply_
  std::string error_;
};

}  // namespace smtp
