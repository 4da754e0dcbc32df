// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "table/table.hxx"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace route {

/// The tables that the settings name, kept open from one lookup to the next. One thread at a time.
class Tables {
 public:
  /// Follows the settings; cheap where they name the same tables as before.
  void Use(const config::Settings& settings);

  /// All throw table::Unavailable. Nothing is found where there is no such table.
  [[nodiscard]] std::optional<table::Found> FindAlias(std::string_view name);
  [[nodiscard]] std::optional<table::Found> FindVirtual(std::string_view key);
  [[nodiscard]] std::optional<table::Found> FindRelay(std::string_view key);
  /// @param table one of the settings
  [[nodiscard]] std::optional<table::Found> FindSource(const config::TableSpec& table, std::string_view key);

  /// The mistakes in them, "FILE:LINE: TEXT".
  [[nodiscard]] std::vector<std::string> Faults() const;

 private:
  struct Slot {
    std::optional<config::TableSpec> spec;
    std::unique_ptr<table::Table> table;

    void Use(const std::optional<config::TableSpec>& wanted, table::Separator separator);
    [[nodiscard]] std::optional<table::Found> Find(std::string_view key);
  };

  void UseSources(const config::Settings::Relay& relay);

  Slot aliases_;
  Slot virtual_users_;
  Slot relays_;
  std::map<std::string, Slot> sources_;  // by TableSpec::ToString
};

}  // namespace route
