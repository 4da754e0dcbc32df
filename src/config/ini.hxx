// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace config {

/// One item of an INI text.
struct IniItem {
  enum class Kind {
    Section,     ///< "[name]"
    Assignment,  ///< "key=value", of the section before it
    Bad,         ///< neither; text says why
  };
  Kind kind = Kind::Bad;
  unsigned line = 0;  ///< from 1; the first one where lines are continued
  std::string name;   ///< of the section, or the key
  std::string text;   ///< the value without white space around it, or what is wrong
};

/// Reads systemd's INI (systemd.syntax(7)): sections, assignments, comments that begin with "#" or ";",
/// and lines that a backslash at the end continues. Never throws on what it reads; an assignment
/// before any section, a line in another encoding than UTF-8 and one with control characters are Bad.
class IniReader {
 public:
  /// @param text must outlive the reader
  explicit IniReader(std::string_view text) noexcept;

  /// Empty at the end.
  [[nodiscard]] std::optional<IniItem> Next();

 private:
  std::optional<std::string_view> NextPhysicalLine() noexcept;
  std::optional<std::string> NextLine();

  std::string_view rest_;
  unsigned line_ = 0;        // of the physical line read last
  unsigned first_line_ = 0;  // of the whole line
  bool in_section_ = false;
};

}  // namespace config
