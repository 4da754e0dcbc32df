// SPDX-License-Identifier: BSD-2-Clause
#include "config/keys.hxx"

#include "base/text.hxx"
#include "config/address_rule.hxx"
#include "config/boolean.hxx"
#include "config/domain_name.hxx"
#include "config/nearest.hxx"
#include "config/relay_options.hxx"
#include "config/relay_url.hxx"
#include "config/size.hxx"
#include "config/time_span.hxx"
#include "config/value_checks.hxx"

#include <algorithm>

namespace config {

namespace {

constexpr std::uint64_t kMinMessageSize = 1024;                    // octets
constexpr std::uint64_t kMaxMessageSize = std::uint64_t{2} << 30;  // what a drop's head can say
constexpr std::string_view kInfinity = "infinity";
constexpr std::string_view kNone = "none";

// Each of these functions takes over the part of a value that it understands. It returns the rest, quoted,
// and the reason if that is not obvious.

// One bad name does not discard the others: without them, mail for these domains would be sent to the relay
// and come back.
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

// If nothing of a Host= is understood, its mail must wait and not be sent as if there were no Host=.
std::string SetRelays(RelaySection& relay, std::string_view value) {
  std::string bad;
  relay.no_hosts = value == kNone;
  if (relay.no_hosts) {
    relay.hosts = {};
    relay.bad_hosts = false;
    return bad;
  }
  auto list = RelayList::Parse(value, bad);
  if (!list.IsEmpty()) relay.hosts = std::move(list);
  relay.bad_hosts = relay.hosts.IsEmpty();
  return bad;
}

std::string SetLabelHosts(std::vector<std::string>& field, std::string_view value) {
  std::vector<std::string> relays;
  std::string bad;
  for (const auto& word : SplitList(value, " \t,")) {
    const auto url = RelayUrl::Parse(word);
    if (url && !url->mx)
      relays.push_back(url->ToString());
    else
      bad += (bad.empty() ? "" : ", ") + Quote(word);
  }
  if (!relays.empty()) field = std::move(relays);
  return bad;
}

std::string SetRules(std::vector<std::string>& field, std::string_view value) {
  std::vector<std::string> rules;
  std::string bad;
  for (const auto& word : SplitList(value, " \t,")) {
    if (auto rule = NormaliseAddressRule(word))
      rules.push_back(std::move(*rule));
    else
      bad += (bad.empty() ? "" : ", ") + Quote(word);
  }
  if (!rules.empty()) field = std::move(rules);
  return bad;
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

// A value that is not understood keeps the earlier table. Without one, mail that needs the table waits
// (Kind::Bad).
std::string SetOptionalTable(std::optional<TableSpec>& field, std::string_view value) {
  TableSpec table;
  auto bad = SetTable(table, value);
  if (bad.empty())
    field = std::move(table);
  else if (!field)
    field = TableSpec{TableSpec::Kind::Bad, std::string(value)};
  return bad;
}

std::string SetBoolean(bool& field, std::string_view value) {
  const auto boolean = ParseBoolean(value);
  if (!boolean) return Quote(value);
  field = *boolean;
  return {};
}

// "none", because an empty value restores the default.
std::string SetDelimiter(std::string& field, std::string_view value) {
  const bool none = value == kNone;
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

std::string SetMessageSize(std::uint64_t& field, std::string_view value) {
  const auto size = ParseSize(value);
  if (!size || *size < kMinMessageSize || *size > kMaxMessageSize) return Quote(value);
  field = *size;
  return {};
}

// A number without a unit is a count of messages, one with a unit a size in octets.
std::string SetUserMax(Settings::Queue::UserMax& field, std::string_view value) {
  Settings::Queue::UserMax max{Settings::Queue::UserMax::kNone, Settings::Queue::UserMax::kNone};
  for (const auto& word : SplitList(value, " \t,")) {
    const auto number = ParseNumber<std::uint64_t>(word);
    const auto size = ParseSize(word);
    if (word == kInfinity) continue;
    auto& limit = number ? max.messages : max.octets;
    if (!size || *size == 0 || limit != Settings::Queue::UserMax::kNone) return Quote(value);
    limit = *size;
  }
  field = max;
  return {};
}

std::string SetReserve(DiskReserve& field, std::string_view value) {
  DiskReserve reserve;
  bool has_share = false;
  for (const auto& word : SplitList(value, " \t,")) {
    const bool is_share = word.ends_with('%');
    const auto number =
        is_share ? ParseNumber<std::uint64_t>(word.substr(0, word.size() - 1)) : ParseSize(word);
    if (!number || (is_share && (has_share || *number > 90))) return Quote(value);
    if (!is_share && reserve.octets != DiskReserve::kNoSize) return Quote(value);
    has_share |= is_share;
    if (is_share)
      reserve.percent = static_cast<unsigned>(*number);
    else
      reserve.octets = *number;
  }
  field = reserve;
  return {};
}

constexpr std::string_view kDomain = "a domain name such as mail.example.org";
constexpr std::string_view kRetry = "a time span of at least 1s, such as 90s or 1min 30s (systemd.time(7))";

constexpr std::string_view kRules =
    "addresses, domains, and .domain for all that are below one, with spaces between them";
constexpr std::string_view kBoolean = "yes or no";
constexpr std::string_view kTable =
    "file:/PATH, static:KEY=VALUE; KEY=VALUE, sqlite:/PATH QUERY or socket:/PATH";

// One object for all keys: g++ 12 warns that the empty optional of a local one is uninitialised.
Settings& Defaults() {
  static Settings defaults;
  return defaults;
}

template <auto Field, auto Set>
Key Row(std::string_view section, std::string_view name, std::string_view expected) {
  return {section, name, expected,
          [](const Scope& scope, std::string_view value) { return Set(Field(scope), value); },
          [](const Scope& scope) {
            Field(scope) = Field({Defaults(), Defaults().relay.common});
          }};
}

Key HostRow() {
  return {"Relay",
          "Host",
          "[smtp://|smtp+tls://|smtps://|smtp+notls://|lmtp://][LABEL@]HOST[:PORT][*WEIGHT], lmtp:/PATH or "
          "mx://DOMAIN, with spaces or | between several; or the word none",
          [](const Scope& scope, std::string_view value) { return SetRelays(scope.relay, value); },
          [](const Scope& scope) {
            scope.relay.hosts = {};
            scope.relay.bad_hosts = scope.relay.no_hosts = false;
          },
          true};
}

Key OptionRow(const RelayOption& option) {
  return {"Relay",
          option.name,
          option.expected,
          [&option](const Scope& scope, std::string_view value) {
            RelayOptions understood;
            std::string bad;
            if (option.set(understood, value, bad))
              scope.relay.options.insert_or_assign(std::string(option.name), std::string(value));
            return bad;
          },
          [&option](const Scope& scope) { scope.relay.options.erase(std::string(option.name)); },
          true};
}

// Addresses, or a table of them.
Key SourceRow(const RelayOption& option) {
  auto key = OptionRow(option);
  key.set = [set = key.set, reset = key.reset](const Scope& scope, std::string_view value) {
    const auto table = TableSpec::Parse(value);
    auto bad = table ? std::string() : set(scope, value);
    if (!bad.empty()) return bad;
    if (table) reset(scope);
    scope.relay.source_table = table;
    return bad;
  };
  key.reset = [reset = key.reset](const Scope& scope) {
    reset(scope);
    scope.relay.source_table.reset();
  };
  return key;
}

#define FIELD(member) [](const Scope& scope) -> auto& { return scope.settings.member; }
#define RELAY_FIELD(member) [](const Scope& scope) -> auto& { return scope.relay.member; }

std::vector<Key> MakeKeys() {
  std::vector<Key> keys = {
      Row<FIELD(mail.hostname), SetText<IsDomainName>>("Mail", "Hostname", kDomain),
      Row<FIELD(mail.domain), SetText<IsDomainName>>("Mail", "Domain", kDomain),
      Row<FIELD(mail.local_domains), SetDomainList>("Mail", "LocalDomains",
                                                    "domain names with spaces between them"),
      Row<FIELD(mail.masquerade), SetText<IsMasquerade>>("Mail", "Masquerade", "host, user@ or user@host"),
      Row<FIELD(mail.masquerade_header), SetBoolean>("Mail", "MasqueradeHeader", kBoolean),
      HostRow(),
      Row<FIELD(relay.map), SetOptionalTable>("Relay", "Map", kTable),
      Row<FIELD(relay.label_hosts), SetLabelHosts>(
          "Relay", "LabelHosts", "relays as in Host=, except mx://, with spaces between them"),
      Row<FIELD(relay.user_relays), SetBoolean>("Relay", "UserRelays", kBoolean),
  };
  for (const auto& option : RelayOptionTable())
    keys.push_back(option.name == kSourceAddress ? SourceRow(option) : OptionRow(option));
  keys.insert(
      keys.end(),
      {
          Row<RELAY_FIELD(senders), SetRules>(kRelayFamily, "Senders", kRules),
          Row<RELAY_FIELD(recipients), SetRules>(kRelayFamily, "Recipients", kRules),
          Row<FIELD(local.enabled), SetBoolean>("Local", "Enabled", kBoolean),
          Row<FIELD(local.mailbox), SetMailbox>(
              "Local", "Mailbox",
              "an absolute path or one that begins with ~/, with %u for the user's name and with / at its "
              "end for a Maildir; or lmtp:/PATH, lmtp://HOST:PORT, |/PATH ARGUMENTS or plugin:/PATH.so"),
          Row<FIELD(local.mailbox_address), SetText<IsMailboxAddress>>(
              "Local", "MailboxAddress", "%u, or an address with %u for the user's name and %d for Domain="),
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
          Row<FIELD(queue.message_size), SetMessageSize>("Queue", "MessageSize",
                                                         "a size from 1K to 2G, such as 100M"),
          Row<FIELD(queue.user_max), SetUserMax>(
              "Queue", "UserQueueMax", "a number of messages and a size, such as 10000 2G, or infinity"),
          Row<FIELD(queue.reserve), SetReserve>("Queue", "Reserve",
                                                "a share up to 90% and a size, such as 5% 1G, or 0"),
      });
  return keys;
}

#undef FIELD
#undef RELAY_FIELD

std::string Suggest(std::string_view before, std::string_view nearest, std::string_view after) {
  if (nearest.empty()) return {};
  return "; did you mean " + std::string(before) + std::string(nearest) + std::string(after) + "?";
}

constexpr std::string_view kRelayPrefix = "Relay.";

// Whether the key may stand in the section.
bool BelongsTo(const Key& key, std::string_view section) {
  if (!RelayNameOf(section).empty()) return key.inherited || key.section == kRelayFamily;
  return key.section == section;
}

std::string ShowSection(std::string_view section) {
  return "[" + std::string(section) + "]";
}

}  // namespace

std::span<const Key> Keys() {
  static const std::vector<Key> keys = MakeKeys();
  return keys;
}

std::string_view RelayNameOf(std::string_view section) noexcept {
  if (!section.starts_with(kRelayPrefix)) return {};
  const auto name = section.substr(kRelayPrefix.size());
  return IsCredentialLabel(name) ? name : std::string_view();
}

const Key* FindKey(std::string_view section, std::string_view name) {
  const auto keys = Keys();
  const auto key =
      std::ranges::find_if(keys, [&](const Key& k) { return k.name == name && BelongsTo(k, section); });
  return key == keys.end() ? nullptr : &*key;
}

bool IsSection(std::string_view name) {
  return !RelayNameOf(name).empty() || std::ranges::find(Keys(), name, &Key::section) != Keys().end();
}

std::string ExplainUnknownSection(std::string_view name) {
  if (name.starts_with(kRelayPrefix))
    return "The name of a relay section, " + Quote(name.substr(kRelayPrefix.size())) +
           ", is to have letters, digits and -_.+ and not to begin with a dot, ignoring";
  std::vector<std::string_view> sections;
  for (const Key& key : Keys()) sections.push_back(key.section);
  return "Unknown section " + Quote(name) + ", ignoring" + Suggest("[", FindNearest(name, sections), "]");
}

std::string ExplainUnknownKey(std::string_view section, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Key& key : Keys()) {
    if (BelongsTo(key, section)) names.push_back(key.name);
  }
  std::string text = "Unknown key " + Quote(name) + " in " + ShowSection(section) + ", ignoring";
  if (const auto nearest = FindNearest(name, names); !nearest.empty())
    return text + Suggest("", nearest, "=");
  const auto elsewhere = std::ranges::find(Keys(), name, &Key::name);
  if (elsewhere == Keys().end()) return text;
  return text + "; it belongs to " + ShowSection(elsewhere->section);
}

}  // namespace config
