// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "table/table.hxx"

#include <unordered_map>

namespace table {

/// A table in the configuration: `KEY=VALUE; KEY=VALUE`. The first entry of a key counts.
class StaticTable : public Table {
 public:
  explicit StaticTable(std::string_view text);

  [[nodiscard]] std::optional<Found> Lookup(std::string_view key) override;
  [[nodiscard]] std::vector<std::string> Faults() const override { return faults_; }
  /// By keys as NormaliseKey makes them.
  [[nodiscard]] const std::unordered_map<std::string, std::string>& Entries() const noexcept {
    return entries_;
  }

 private:
  std::unordered_map<std::string, std::string> entries_;
  std::vector<std::string> faults_;
};

}  // namespace table
