// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/named_relays.hxx"

#include "base/text.hxx"
#include "config/relay_list.hxx"
#include "service/journal.hxx"
#include "table/static_table.hxx"

#include <algorithm>
#include <utility>

namespace relay {

namespace {

// Writes each relay in one way: host names are compared without regard to case.
std::string Normal(config::RelayUrl url) {
  if (!url.IsUnixSocket()) url.host = ToLower(url.host);
  return url.ToString();
}

// A certificate logs in, as a password does, so it is shown to no host of the runner's choice. The hosts that
// take a domain's mail are the DNS's choice.
bool MustBeNamed(const config::RelayUrl& url, const config::RelayOptions& options) noexcept {
  return !url.label.empty() || url.IsUnixSocket() || (!options.tls_certificate.empty() && !url.mx);
}

void AddRelay(std::set<std::string>& relays, std::string_view text) {
  const auto url = config::RelayUrl::Parse(text);
  if (url && !url->mx) relays.insert(Normal(*url));
}

void AddList(std::set<std::string>& relays, const config::RelayList& list) {
  for (const auto& group : list.groups)
    for (const auto& member : group) AddRelay(relays, member.url);
}

// A relay that is not understood is left out: it gets no mail.
void AddMapped(std::set<std::string>& relays, std::string_view value) {
  std::string bad;
  const auto list = config::RelayList::Parse(value, bad);
  if (bad.empty()) AddList(relays, list);
}

}  // namespace

std::optional<mail::DeliveryResult> NamedRelays::FindFault(const std::string& text,
                                                           const config::RelayOptions& options) {
  const auto parsed = config::RelayUrl::Parse(text);
  if (!parsed) return std::nullopt;  // a text that isn't a URL can't be connected to
  const auto& url = *parsed;
  if (!MustBeNamed(url, options) && options.tls_certificate.empty() && options.token_command.empty())
    return std::nullopt;
  Refresh();
  if (IsNamed(url, options)) return std::nullopt;
  settings_->Reload();
  Rebuild();
  if (IsNamed(url, options)) return std::nullopt;
  return mail::Deferred("4.3.5",
                        "The configuration names no relay " + url.ToString() +
                            " that is used like this: labels, certificates and Unix sockets go with relays "
                            "of Host=, LabelHosts= or a text of Map= in mailqueue.conf(5)");
}

const config::Settings& NamedRelays::Settings() {
  Refresh();
  return settings_->Get();
}

void NamedRelays::Refresh() {
  const bool is_first = !settings_;
  if (is_first) settings_.emplace(directory_);
  if (is_first || settings_->Refresh()) Rebuild();
}

void NamedRelays::Rebuild() {
  const auto& relay = settings_->Get().relay;
  groups_.clear();
  AddSection(relay.common);
  for (const auto& section : relay.named) AddSection(section);
  AddMailbox();
  const auto& map = relay.map;
  const bool is_file = map && map->kind == config::TableSpec::Kind::File;
  if (!is_file)
    map_.reset();
  else if (!map_ || map_->Path() != map->text)
    map_ = std::make_unique<table::FileTable>(map->text);
  map_version_ = 0;
}

void NamedRelays::AddSection(const config::RelaySection& section) {
  const auto& relay = settings_->Get().relay;
  auto options = config::ParseRelayOptions(relay.OptionsOf(section));
  if (!options) return;
  auto& group = groups_.emplace_back();
  group.options = std::move(*options);
  group.any_source = relay.SourceTableOf(section) != nullptr;
  AddList(group.relays, relay.HostsOf(section).hosts);
  if (&section != &relay.common) return;
  for (const auto& url : relay.label_hosts) AddRelay(group.relays, url);
  if (!relay.map || relay.map->kind != config::TableSpec::Kind::Static) return;
  const table::StaticTable map(relay.map->text);
  for (const auto& [key, value] : map.Entries()) AddMapped(group.relays, value);
}

void NamedRelays::AddMailbox() {
  Group group;
  AddRelay(group.relays, settings_->Get().local.mailbox);
  if (!group.relays.empty()) groups_.push_back(std::move(group));
}

bool NamedRelays::IsNamed(const config::RelayUrl& url, const config::RelayOptions& options) {
  const auto relay = Normal(url);
  return std::ranges::any_of(groups_, [&](const Group& group) {
    auto wanted = options;
    if (group.any_source) wanted.source_addresses = group.options.source_addresses;
    if (wanted != group.options) return false;
    if (!MustBeNamed(url, options) || group.relays.contains(relay)) return true;
    return &group == &groups_.front() && IsInMapFile(relay);
  });
}

bool NamedRelays::IsInMapFile(const std::string& relay) try {
  if (!map_) return false;
  const auto& entries = map_->Entries();
  if (map_version_ != map_->Version()) {
    map_relays_.clear();
    for (const auto& entry : entries.entries) AddMapped(map_relays_, entry.value);
    map_version_ = map_->Version();
  }
  return map_relays_.contains(relay);
} catch (const table::Unavailable& error) {
  service::Log(LOG_WARNING, std::string("The relay can't look into Map=: ") + error.what());
  return false;
}

}  // namespace relay
