// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace config {

/// A table, as mailqueue.conf(5) writes it:
///
///     static:KEY=VALUE; KEY=VALUE    in the configuration itself
///     file:/PATH, or /PATH alone     a text file: "KEY: VALUE" or "KEY VALUE" a line, aliases(5)
///     sqlite:/PATH QUERY             a database; QUERY is a SELECT with one "?", which stands for the key
///     socket:/PATH                   a program that answers on a Unix socket
struct TableSpec {
  enum class Kind { Static, File, Sqlite, Socket, Bad };

  Kind kind = Kind::File;
  std::string text;  ///< what stands behind the colon; Bad: what was written and is none of these

  struct Error {
    std::string text;  ///< what is wrong, for a person
  };

  /// Empty if @p text is no such thing; @p error, if given, then says why.
  [[nodiscard]] static std::optional<TableSpec> Parse(std::string_view text, Error* error = nullptr);
  [[nodiscard]] std::string ToString() const;
  bool operator==(const TableSpec&) const = default;
};

}  // namespace config
