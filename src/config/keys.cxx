// SPDX-License-Identifier: BSD-2-Clause
#include "config/keys.hxx"

#include "base/text.hxx"
#include "config/boolean.hxx"
#include "config/domain_name.hxx"
#include "config/nearest.hxx"
#include "config/relay_url.hxx"
#include "config/time_span.hxx"
#include "config/value_checks.hxx"

#include <algorithm>

namespace config {

namespace {

// Each of these takes over what it understands of a value and returns the rest, quoted; and why, where that
// is not plain.

// One impossible name does not take the others with it: without them their mail would go to the relay and
// come back.
std::string SetDomainList(std::vector<std::string>& field, std::string_view value) {
  std::vector<std::string> domains;
  std::string bad;
  for (const auto& word : SplitList(value, " \t,")) {
    if (IsDomainName(word))
      domains.push_back(ToLower(word));
    else
      bad += (bad.empty() ? "" : ", ") + Quote(word);
  }
  if (!domains.empty()) field = std::move(domains);
  return bad;
}

std::string SetRelayHost(std::string& field, std::string_view value) {
  RelayUrl::Error error;
  if (!RelayUrl::Parse(value, &error)) return Quote(value) + " (" + error.text + ")";
  field = value;
  return {};
}

std::string SetMailbox(std::string& field, std::string_view value) {
  const auto fault = FaultOfMailbox(value);
  if (!fault.empty()) return Quote(value) + " (" + fault + ")";
  field = value;
  return {};
}

std::string SetTable(TableSpec& field, std::string_view value) {
  TableSpec::Error error;
  auto table = TableSpec::Parse(value, &error);
  if (!table) return Quote(value) + " (" + error.text + ")";
  field = std::move(*table);
  return {};
}

std::string SetOptionalTable(std::optional<TableSpec>& field, std::string_view value) {
  TableSpec table;
  auto bad = SetTable(table, value);
  if (bad.empty()) field = std::move(table);
  return bad;
}

std::string SetBoolean(bool& field, std::string_view value) {
  const auto boolean = ParseBoolean(value);
  if (!boolean) return Quote(value);
  field = *boolean;
  return {};
}

// "none" because an empty value stands for the default.
std::string SetDelimiter(std::string& field, std::string_view value) {
  const bool none = value == "none";
  if (!none && !IsRecipientDelimiter(value)) return Quote(value);
  field = none ? "" : value;
  return {};
}

// A text that @p Check accepts.
template <auto Check>
std::string SetText(std::string& field, std::string_view value) {
  if (!Check(value)) return Quote(value);
  field = value;
  return {};
}

std::string SetLifetime(mail::Duration& field, std::string_view value) {
  const auto span = ParseTimeSpan(value);
  if (!span) return Quote(value);
  field = *span;
  return {};
}

std::string SetRetry(mail::Duration& field, std::string_view value) {
  const auto span = ParseTimeSpan(value);
  if (!span || *span < std::chrono::seconds(1)) return Quote(value);
  field = *span;
  return {};
}

constexpr std::string_view kDomain = "a domain name such as mail.example.org";
constexpr std::string_view kRetry = "a time span of at least 1s, such as 90s or 1min 30s (systemd.time(7))";

constexpr std::string_view kBoolean = "yes or no";
constexpr std::string_view kTable =
    "file:/PATH, static:KEY=VALUE; KEY=VALUE, sqlite:/PATH QUERY or socket:/PATH";

// One for all keys: g++ 12 takes a local one's empty optional for uninitialised.
Settings& Defaults() {
  static Settings defaults;
  return defaults;
}

template <auto Field, auto Set>
constexpr Key Row(std::string_view section, std::string_view name, std::string_view expected) {
  return {section, name, expected,
          [](Settings& settings, std::string_view value) { return Set(Field(settings), value); },
          [](Settings& settings) { Field(settings) = Field(Defaults()); }};
}

#define FIELD(member) [](Settings& settings) -> auto& { return settings.member; }

const Key kKeys[] = {
    Row<FIELD(mail.hostname), SetText<IsDomainName>>("Mail", "Hostname", kDomain),
    Row<FIELD(mail.domain), SetText<IsDomainName>>("Mail", "Domain", kDomain),
    Row<FIELD(mail.local_domains), SetDomainList>("Mail", "LocalDomains",
                                                  "domain names with spaces between them"),
    Row<FIELD(mail.masquerade), SetText<IsMasquerade>>("Mail", "Masquerade", "host, user@ or user@host"),
    Row<FIELD(mail.masquerade_header), SetBoolean>("Mail", "MasqueradeHeader", kBoolean),
    Row<FIELD(relay.host), SetRelayHost>(
        "Relay", "Host",
        "[smtp://|smtp+tls://|smtps://|smtp+notls://|lmtp://][LABEL@]HOST[:PORT] or lmtp:/PATH"),
    Row<FIELD(local.enabled), SetBoolean>("Local", "Enabled", kBoolean),
    Row<FIELD(local.mailbox), SetMailbox>(
        "Local", "Mailbox",
        "an absolute path or one that begins with ~/, with %u for the user's name and with / at its end for "
        "a Maildir; or lmtp:/PATH, lmtp://HOST:PORT, |/PATH ARGUMENTS or plugin:/PATH.so"),
    Row<FIELD(local.aliases), SetTable>("Local", "Aliases", kTable),
    Row<FIELD(local.alias_user), SetText<IsServiceUser>>("Local", "AliasUser",
                                                         "the name of a user other than root"),
    Row<FIELD(local.recipient_delimiter), SetDelimiter>(
        "Local", "RecipientDelimiter", "one of the characters +-=_.~#%&*^$!? or the word none"),
    Row<FIELD(route.virtual_users), SetOptionalTable>("Route", "VirtualUsers", kTable),
    Row<FIELD(route.forward_sender), SetText<IsAddressPattern>>(
        "Route", "ForwardSender", "an address, with %u for the user's name and %% for a percent sign"),
    Row<FIELD(queue.lifetime), SetLifetime>("Queue", "Lifetime",
                                            "a time span such as 5d or 36h (systemd.time(7))"),
    Row<FIELD(queue.retry_min), SetRetry>("Queue", "RetryMin", kRetry),
    Row<FIELD(queue.retry_max), SetRetry>("Queue", "RetryMax", kRetry),
};

#undef FIELD

std::string Suggest(std::string_view before, std::string_view nearest, std::string_view after) {
  if (nearest.empty()) return {};
  return "; did you mean " + std::string(before) + std::string(nearest) + std::string(after) + "?";
}

}  // namespace

std::span<const Key> Keys() noexcept {
  return kKeys;
}

const Key* FindKey(std::string_view section, std::string_view name) noexcept {
  const auto* const key =
      std::ranges::find_if(kKeys, [&](const Key& k) { return k.section == section && k.name == name; });
  return key == std::end(kKeys) ? nullptr : key;
}

bool IsSection(std::string_view name) noexcept {
  return std::ranges::find(kKeys, name, &Key::section) != std::end(kKeys);
}

std::string ExplainUnknownSection(std::string_view name) {
  std::vector<std::string_view> sections;
  for (const Key& key : kKeys) sections.push_back(key.section);
  return "Unknown section " + Quote(name) + ", ignoring" + Suggest("[", FindNearest(name, sections), "]");
}

std::string ExplainUnknownKey(std::string_view section, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Key& key : kKeys) {
    if (key.section == section) names.push_back(key.name);
  }
  std::string text = "Unknown key " + Quote(name) + " in [" + std::string(section) + "], ignoring";
  if (const auto nearest = FindNearest(name, names); !nearest.empty())
    return text + Suggest("", nearest, "=");
  const auto* const elsewhere = std::ranges::find(kKeys, name, &Key::name);
  if (elsewhere == std::end(kKeys)) return text;
  return text + "; it belongs to [" + std::string(elsewhere->section) + "]";
}

}  // namespace config
