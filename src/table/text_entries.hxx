// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "table/separator.hxx"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace table {

/// One entry of a table in a text file.
struct TextEntry {
  std::string key;  ///< as NormaliseKey makes it, without quotes around it
  std::string_view
      value;          ///< as it stands in the text, of any length, comments and line ends within it included
  unsigned line = 0;  ///< where the entry begins, from 1
  unsigned value_line = 0;  ///< where its value begins
  bool operator==(const TextEntry&) const = default;
};

struct TextFault {
  unsigned line = 0;
  std::string text;  ///< what is left out, and why, for a person
};

struct TextEntries {
  static constexpr std::size_t kMaxFaults = 1000;  ///< the last of them says so, and no more are collected

  std::vector<TextEntry> entries;  ///< in the order of their keys, each key once
  std::vector<TextFault> faults;   ///< in the order of their lines

  /// Null if there is none.
  /// @param key as NormaliseKey makes it
  [[nodiscard]] const TextEntry* Find(std::string_view key) const noexcept;
};

/// Reads the lines of aliases(5), `KEY: VALUE` or `KEY VALUE`, with comments and continuation as
/// mail::LogicalLineReader has them. Double quotes may surround a key, with backslash as their escape. Of
/// several entries of a key the first one counts, as with postalias(1). What is not understood is left out,
/// and a fault. Never throws but std::bad_alloc.
/// @param text must outlive the result
[[nodiscard]] TextEntries ParseTextEntries(std::string_view text, Separator separator = Separator::Any);

}  // namespace table
