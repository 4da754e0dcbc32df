// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

/// One field of a message's header section (RFC 5322 section 2.2), as written.
struct HeaderField {
  std::string_view name;  ///< without white space before the colon
  std::string_view text;  ///< all of it: name, colon, body, folded lines, the last LF

  [[nodiscard]] bool Is(std::string_view other) const noexcept;  ///< compares names without regard to case
  /// The text behind the colon, including folding and the last LF.
  [[nodiscard]] std::string_view Body() const noexcept;
};

/// The length of the field name that a line begins with; 0 if the line begins no field.
[[nodiscard]] std::size_t FieldNameSize(std::string_view line) noexcept;
/// True for a line that opens an entry of an mbox file.
[[nodiscard]] bool IsMboxLine(std::string_view line) noexcept;

/// Finds the header section at the start of a message that arrives in pieces. It ends with an empty line, or
/// before the first line that is no field: a message without a header is all body. A byte order mark in front
/// and a leading "From " line (mbox) are passed over.
class HeaderReader {
 public:
  static constexpr std::size_t kMaxSize = 4 * 1024 * 1024;  ///< octets of a header section

  enum class State { Reading, Done, TooLarge };

  /// Takes the next octets; lines end in LF. Call it until it doesn't say Reading.
  [[nodiscard]] State Add(std::string_view octets);
  /// The message is over.
  void Finish();

  /// The fields, in order; they point into this reader. Valid after Done or Finish. A NUL or CR in them is a
  /// space: it has no place there, and somebody further on could take it for the end of a line.
  [[nodiscard]] const std::vector<HeaderField>& Fields() const noexcept { return fields_; }
  /// The octets of the body that have been added with the header section.
  [[nodiscard]] std::string_view Rest() const noexcept { return std::string_view(text_).substr(body_); }

 private:
  [[nodiscard]] bool TakeLine(std::size_t begin, std::size_t end);
  void End(std::size_t header_end, std::size_t body);

  struct Span {
    std::size_t begin, end, name_size;
  };

  std::string text_;
  bool begun_ = false;        // what there is in front of the header is gone
  std::size_t line_ = 0;      // where the line begins that is not yet whole
  std::size_t searched_ = 0;  // up to here there is no LF after line_
  std::size_t body_ = 0;
  std::vector<Span> spans_;
  std::vector<HeaderField> fields_;
};

}  // namespace mail
