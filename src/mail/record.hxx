// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mail {

/// The one text format of envelopes and courier requests: lines of "key: value".
/// In a value, control characters and backslashes are written as \xHH; everything else, UTF-8
/// included, stands as it is, so that a person can read the file.
class RecordWriter {
 public:
  /// @param key lower-case letters, digits and dashes
  RecordWriter& Add(std::string_view key, std::string_view value);
  RecordWriter& Add(std::string_view key, long long number);
  [[nodiscard]] const std::string& Text() const noexcept { return text_; }
  /// The same; the writer is empty afterwards.
  [[nodiscard]] std::string TakeText() noexcept { return std::exchange(text_, {}); }
  /// How many fields, and so lines, there are.
  [[nodiscard]] std::size_t Count() const noexcept { return count_; }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

/// Octets that a value takes in a record.
[[nodiscard]] std::size_t SizeOfValue(std::string_view value) noexcept;

/// The longest beginning of a value that takes @p size octets of a record and ends with a whole character.
[[nodiscard]] std::string_view CutValue(std::string_view value, std::size_t size) noexcept;

struct Field {
  std::string_view key;
  std::string value;
};

/// Reads what RecordWriter wrote. Never throws; a malformed line ends the reading and sets Bad().
class RecordReader {
 public:
  /// @param text must outlive the reader and the keys it returns
  explicit RecordReader(std::string_view text) noexcept : rest_(text) {}

  /// The next field; empty at the end and at a malformed line (the last line must end in LF, too).
  [[nodiscard]] std::optional<Field> Next();
  [[nodiscard]] bool Bad() const noexcept { return bad_; }

 private:
  std::string_view rest_;
  bool bad_ = false;
};

}  // namespace mail
