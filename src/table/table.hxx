// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/table_spec.hxx"
#include "table/separator.hxx"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Tables: from a key to a text, wherever that is kept.
namespace table {

struct Found {
  std::string value;
  std::string where;  ///< for a person: "/etc/aliases:12", "sqlite:/etc/mailqueue/users.db"
  unsigned line = 0;  ///< of the file, where the value begins; 0: it is in no text file
};

/// A table that can't be asked now: what depends on it is deferred.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One table. Each lookup sees the table as it is then: a file that has changed is read again, and when that
/// fails the last good content stays in force. One thread at a time. A lookup may wait for kMaxWait.
class Table {
 public:
  static constexpr std::size_t kMaxKey = 1024;  ///< octets; nothing is found for a longer one
  static constexpr std::size_t kMaxValue =
      64 * 1024;  ///< octets; but in a text file as long as the file may be
  static constexpr std::chrono::seconds kMaxWait{5};  ///< then a program or database is Unavailable

  virtual ~Table() = default;

  /// @param key compared without regard to case (ASCII); nothing is found for one with control characters
  /// Throws Unavailable.
  [[nodiscard]] virtual std::optional<Found> Lookup(std::string_view key) = 0;

  /// The entries that are wrong and therefore left out, "FILE:LINE: TEXT"; as of the last lookup.
  [[nodiscard]] virtual std::vector<std::string> Faults() const { return {}; }
};

/// Opens nothing: a table that is missing or broken is seen with the first lookup.
/// @param separator between keys and values, where the table is a file
[[nodiscard]] std::unique_ptr<Table> Make(const config::TableSpec& spec,
                                          Separator separator = Separator::Any);

}  // namespace table
