// SPDX-License-Identifier: BSD-2-Clause
#include "config/user_relays.hxx"

#include "base/text.hxx"
#include "config/address_rule.hxx"
#include "config/ini.hxx"
#include "config/keys.hxx"
#include "config/relay_url.hxx"

#include <algorithm>
#include <iterator>
#include <utility>

namespace config {

namespace {

constexpr std::string_view kCommon = "Relay";

const RelayOption* FindOption(std::string_view name) noexcept {
  const auto options = RelayOptionTable();
  const auto found = std::ranges::find(options, name, &RelayOption::name);
  return found == options.end() ? nullptr : std::to_address(found);
}

bool MayHave(const Key& key) noexcept {
  if (const auto* const option = FindOption(key.name))
    return option->whose == Whose::User || option->whose == Whose::Both;
  return key.name == "Host" || key.name == "Senders";
}

/// Collects what the file says. Keys mean what they mean in mailqueue.conf, and are read by the same table.
class UserReader {
 public:
  explicit UserReader(const std::string& path) : path_(path) {}

  void Take(const IniItem& item);
  [[nodiscard]] UserRelays Finish();

 private:
  void OnSection(const IniItem& item);
  void OnNamed(const IniItem& item, std::string_view name);
  void OnAssignment(const IniItem& item);
  void Assign(const Key& key, const IniItem& item, RelaySection& section);
  void AssignOption(const Key& key, const IniItem& item, RelaySection& section);
  [[nodiscard]] std::string PlaceOf(unsigned line) const { return path_ + ":" + std::to_string(line); }
  void AddFault(const std::string& place, const std::string& text, bool misleads);
  [[nodiscard]] std::string NameOfSection() const { return std::string(RelayNameOf(section_)); }

  const std::string& path_;
  UserRelays relays_;
  Settings unused_;
  std::string section_;    // empty: none, or one to be ignored
  std::size_t named_ = 0;  // which of the named ones it is
};

void UserReader::AddFault(const std::string& place, const std::string& text, bool misleads) {
  // A fault that makes mail wait must be kept even if there are many others.
  UserRelays::Fault fault{place + ": " + text, misleads, NameOfSection()};
  const auto misleads_there = [&](const auto& other) {
    return other.misleads && other.section == fault.section;
  };
  const bool has_room = relays_.faults.size() < UserRelays::kMaxFaults;
  if (has_room || (misleads && std::ranges::none_of(relays_.faults, misleads_there)))
    relays_.faults.push_back(std::move(fault));
}

void UserReader::Take(const IniItem& item) {
  switch (item.kind) {
    case IniItem::Kind::Section:
      return OnSection(item);
    case IniItem::Kind::Assignment:
      return OnAssignment(item);
    case IniItem::Kind::Bad:
      return AddFault(PlaceOf(item.line), "not understood, expected [Relay], [Relay.NAME] or Key=value",
                      true);
  }
}

void UserReader::OnSection(const IniItem& item) {
  section_.clear();
  if (const auto name = RelayNameOf(item.name); !name.empty()) return OnNamed(item, name);
  if (item.name == kCommon)
    section_ = item.name;
  else if (!item.name.starts_with("X-"))
    AddFault(PlaceOf(item.line), "no section that this file has, expected [Relay] or [Relay.NAME]", true);
}

void UserReader::OnNamed(const IniItem& item, std::string_view name) {
  auto& named = relays_.named;
  named_ = static_cast<std::size_t>(std::ranges::find(named, name, &RelaySection::name) - named.begin());
  if (named_ == UserRelays::kMaxSections)
    return AddFault(PlaceOf(item.line),
                    "more than " + std::to_string(UserRelays::kMaxSections) + " sections of relays", true);
  if (named_ == named.size()) named.push_back({.name = std::string(name)});
  section_ = item.name;
}

void UserReader::OnAssignment(const IniItem& item) {
  if (section_.empty() || item.name.starts_with("X-")) return;
  const Key* const key = FindKey(section_, item.name);
  if (!key) return AddFault(PlaceOf(item.line), "no key that [" + section_ + "] has here", true);
  if (!MayHave(*key))
    return AddFault(PlaceOf(item.line),
                    item.name + "= is for the administrator's mailqueue.conf alone and has no effect here",
                    !FindOption(item.name));
  Assign(*key, item, section_ == kCommon ? relays_.common : relays_.named[named_]);
}

void UserReader::Assign(const Key& key, const IniItem& item, RelaySection& section) {
  const Scope scope{unused_, section};
  if (item.text.empty()) {
    section.places.erase(item.name);
    return key.reset(scope);
  }
  const auto place = PlaceOf(item.line);
  section.places[item.name] = place;
  if (FindOption(item.name)) return AssignOption(key, item, section);
  const bool is_bad = !key.set(scope, item.text).empty();
  const bool is_host = item.name == "Host";
  if (is_bad)
    AddFault(place, item.name + "= is not understood, expected " + std::string(key.expected),
             item.name == "Senders");
  if (auto fault = is_host ? FaultOfUserRelays(section.hosts) : std::string(); !fault.empty()) {
    AddFault(place, "Host=: " + fault, false);
    section.hosts = {};
    section.bad_hosts = true;
  }
}

// A value is taken as a whole or not at all: without one of its pins, mail could be sent to a server that the
// user does not mean.
void UserReader::AssignOption(const Key& key, const IniItem& item, RelaySection& section) {
  const auto place = PlaceOf(item.line);
  if (item.text.size() > kMaxUserOption)
    return AddFault(place, item.name + "= is longer than " + std::to_string(kMaxUserOption) + " octets",
                    true);
  auto before = section.options;
  if (key.set({unused_, section}, item.text).empty()) return;
  section.options = std::move(before);
  AddFault(place, item.name + "= is not understood, expected " + std::string(key.expected),
           item.name == "TlsPins");
}

UserRelays UserReader::Finish() {
  section_.clear();
  auto& named = relays_.named;
  std::erase_if(named, [](const auto& section) { return section.places.empty(); });
  for (const auto& section : named)
    if (section.senders.empty())
      AddFault(section.places.begin()->second, section.Title() + " has no Senders=, no mail goes there",
               false);
  return std::move(relays_);
}

}  // namespace

UserRelays UserRelays::Parse(std::string_view text, const std::string& path) {
  UserReader reader(path);
  IniReader items(text);
  while (const auto item = items.Next()) reader.Take(*item);
  return reader.Finish();
}

const RelaySection& UserRelays::Choose(const std::string& sender) const {
  const auto* const section = FindSection(named, RulesForSender(sender), &RelaySection::senders);
  return section ? *section : common;
}

const UserRelays::Fault* UserRelays::FindMisleading(const RelaySection& chosen) const noexcept {
  const auto found = std::ranges::find_if(faults, [&](const Fault& fault) {
    return fault.misleads && (chosen.name.empty() || fault.section.empty() || fault.section == chosen.name);
  });
  return found == faults.end() ? nullptr : std::to_address(found);
}

std::string FaultOfUserRelays(const RelayList& relays) {
  for (const auto& group : relays.groups)
    for (const auto& member : group)
      if (const auto url = RelayUrl::Parse(member.url); !url || url->IsUnixSocket())
        return "a Unix socket is not for users, name a host instead";
  return {};
}

}  // namespace config
