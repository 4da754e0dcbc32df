// SPDX-License-Identifier: BSD-2-Clause
#include "route/tables.hxx"

namespace route {

void Tables::Slot::Use(const std::optional<config::TableSpec>& wanted, table::Separator separator) {
  if (wanted == spec) return;
  spec = wanted;
  table = wanted ? table::Make(*wanted, separator) : nullptr;
}

std::optional<table::Found> Tables::Slot::Find(std::string_view key) {
  return table ? table->Lookup(key) : std::nullopt;
}

void Tables::Use(const config::Settings& settings) {
  aliases_.Use(settings.local.aliases, table::Separator::Colon);
  virtual_users_.Use(settings.route.virtual_users, table::Separator::Any);
  relays_.Use(settings.relay.map, table::Separator::Any);
}

std::optional<table::Found> Tables::FindAlias(std::string_view name) {
  return aliases_.Find(name);
}

std::optional<table::Found> Tables::FindVirtual(std::string_view key) {
  return virtual_users_.Find(key);
}

std::optional<table::Found> Tables::FindRelay(std::string_view key) {
  return relays_.Find(key);
}

std::vector<std::string> Tables::Faults() const {
  std::vector<std::string> faults;
  for (const auto* slot : {&aliases_, &virtual_users_, &relays_}) {
    if (!slot->table) continue;
    const auto more = slot->table->Faults();
    faults.insert(faults.end(), more.begin(), more.end());
  }
  return faults;
}

}  // namespace route
