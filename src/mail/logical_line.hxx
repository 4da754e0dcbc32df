// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

/// A line of aliases(5) or a .forward file with the lines that continue it.
struct LogicalLine {
  std::string_view raw;  ///< as it stands in the file: line ends, and comment lines in between, included
  unsigned number = 0;   ///< of its first line, from 1
};

/// Splits a text into logical lines: a line that begins with a blank or tab continues the one before. Lines
/// that are empty or begin, behind blanks, with "#" count as absent. Line ends are LF or CRLF, and the last
/// line needs none. A byte order mark in front is passed over. Never throws.
class LogicalLineReader {
 public:
  /// @param text must outlive the reader and what it returns
  /// @param first_line the number of the text's first line
  explicit LogicalLineReader(std::string_view text, unsigned first_line = 1) noexcept;

  /// Empty at the end.
  [[nodiscard]] std::optional<LogicalLine> Next() noexcept;

 private:
  [[nodiscard]] std::string_view TakeLine() noexcept;
  void SkipAbsentLines() noexcept;

  std::string_view text_;
  std::size_t at_;
  unsigned number_;
};

/// A logical line in one piece, as a parser reads it: without line ends and comment lines.
class JoinedLine {
 public:
  explicit JoinedLine(const LogicalLine& line);

  [[nodiscard]] const std::string& Text() const noexcept { return text_; }
  /// The number of the line in the file that @p offset in Text() comes from.
  [[nodiscard]] unsigned NumberAt(std::size_t offset) const noexcept;
  /// Where that line ends in Text().
  [[nodiscard]] std::size_t EndOfLineAt(std::size_t offset) const noexcept;

 private:
  struct Part {
    std::size_t end;
    unsigned number;
  };
  [[nodiscard]] std::vector<Part>::const_iterator Find(std::size_t offset) const noexcept;

  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace mail
