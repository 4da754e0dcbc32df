// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mail {

/// Reads the words of a command line as SplitCommand (mail/destination.hxx) describes them.
class CommandWordReader {
 public:
  /// Where the line may end before its text does.
  enum class Until { EndOfText, Comma };

  /// @param line must outlive the reader
  explicit CommandWordReader(std::string_view line, Until until = Until::EndOfText) noexcept
      : line_(line), until_(until) {}

  /// Empty at the end, and where a quote or brace is not closed.
  [[nodiscard]] std::optional<std::string> Next();
  /// Some quote or brace is not closed, or has something behind its closing brace.
  [[nodiscard]] bool Bad() const noexcept { return bad_; }
  /// The first part of what has been read that only a shell gives a meaning, see FindShellSyntax
  /// (mail/destination.hxx); empty: there is none.
  [[nodiscard]] std::string_view ShellSyntax() const noexcept { return shell_syntax_; }
  /// The offset behind the last word: that of the comma, if there is one.
  [[nodiscard]] std::size_t Offset() const noexcept { return at_; }

 private:
  [[nodiscard]] bool AtEndOfWord() const noexcept;
  [[nodiscard]] bool AtEnd() const noexcept;
  [[nodiscard]] std::optional<std::string> Fail() noexcept;
  [[nodiscard]] std::optional<std::string> ReadBraces();
  [[nodiscard]] bool ReadSingleQuotes(std::string& word);
  [[nodiscard]] bool ReadDoubleQuotes(std::string& word);
  void NoteExpansion();
  void NoteSyntax(std::size_t size) noexcept;

  std::string_view line_;
  Until until_;
  std::size_t at_ = 0;
  bool bad_ = false;
  std::string_view shell_syntax_;
};

}  // namespace mail
