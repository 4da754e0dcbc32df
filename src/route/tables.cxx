// SPDX-License-Identifier: BSD-2-Clause
#include "route/tables.hxx"

#include <utility>

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
  // Most mail needs no virtual users, and must not wait because of a typing error in them.
  const auto& virtual_users = settings.route.virtual_users;
  const bool is_bad = virtual_users && virtual_users->kind == config::TableSpec::Kind::Bad;
  virtual_users_.Use(is_bad ? std::nullopt : virtual_users, table::Separator::Any);
  relays_.Use(settings.relay.map, table::Separator::Any);
  UseSources(settings.relay);
}

void Tables::UseSources(const config::Settings::Relay& relay) {
  auto before = std::exchange(sources_, {});
  const auto use = [&](const config::RelaySection& section) {
    if (!section.source_table) return;
    const auto name = section.source_table->ToString();
    if (auto kept = before.extract(name)) sources_.insert(std::move(kept));
    sources_[name].Use(section.source_table, table::Separator::Any);
  };
  use(relay.common);
  for (const auto& section : relay.named) use(section);
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

std::optional<table::Found> Tables::FindSource(const config::TableSpec& table, std::string_view key) {
  const auto slot = sources_.find(table.ToString());
  return slot == sources_.end() ? std::nullopt : slot->second.Find(key);
}

std::vector<std::string> Tables::Faults() const {
  std::vector<std::string> faults;
  std::vector<const Slot*> slots = {&aliases_, &virtual_users_, &relays_};
  for (const auto& [name, slot] : sources_) slots.push_back(&slot);
  for (const auto* slot : slots) {
    if (!slot->table) continue;
    const auto more = slot->table->Faults();
    faults.insert(faults.end(), more.begin(), more.end());
  }
  return faults;
}

}  // namespace route
