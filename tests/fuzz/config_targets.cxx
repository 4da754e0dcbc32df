// SPDX-License-Identifier: BSD-2-Clause
#include "base/file.hxx"
#include "base/text.hxx"
#include "config/address_rule.hxx"
#include "config/boolean.hxx"
#include "config/domain_name.hxx"
#include "config/keys.hxx"
#include "config/relay_list.hxx"
#include "config/relay_options.hxx"
#include "config/relay_url.hxx"
#include "config/settings.hxx"
#include "config/size.hxx"
#include "config/table_spec.hxx"
#include "config/time_span.hxx"
#include "config/user_relays.hxx"
#include "config/value_checks.hxx"
#include "mail/masquerade.hxx"
#include "table/key.hxx"
#include "table/static_table.hxx"
#include "table/table_protocol.hxx"
#include "table/text_entries.hxx"
#include "target.hxx"
#include "targets.hxx"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <variant>

namespace fuzz {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxWarnings = 51;  // of a configuration, with the one that says that there are more

/// The directory of a configuration, gone with the process.
class Directory {
 public:
  Directory() {
    std::string path = fs::temp_directory_path() / "mailqueue-fuzz.XXXXXX";
    Require(::mkdtemp(path.data()), path);
    path_ = path;
  }
  ~Directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] std::string Path() const { return path_; }
  void Write(std::string_view text) const {
    std::ofstream(path_ / "mailqueue.conf", std::ios::binary) << text;
  }

 private:
  fs::path path_;
};

void CheckRelays(const config::RelayList& list) {
  std::string bad;
  const auto again = config::RelayList::Parse(list.ToString(), bad);
  Require(bad.empty() && again == list, list.ToString());
  std::size_t members = 0;
  for (const auto& group : list.groups) {
    Require(!group.empty());
    for (const auto& member : group) {
      const auto url = config::RelayUrl::Parse(member.url);
      Require(url && url->ToString() == member.url && IsPrintable(member.url), member.url);
      Require(member.weight >= 1 && member.weight <= config::RelayList::kMaxWeight, member.url);
    }
    members += group.size();
  }
  Require(members <= config::RelayList::kMaxRelays);
  Require(list.Draw([](unsigned below) { return below - 1; }).size() == members, list.ToString());
}

void CheckSection(const config::RelaySection& section) {
  CheckRelays(section.hosts);
  const auto options = config::ToText(section.options);
  Require(options.size() > config::kMaxOptionsText || config::ParseRelayOptions(options), options);
  for (const auto* rules : {&section.senders, &section.recipients})
    for (const auto& rule : *rules) Require(config::NormaliseAddressRule(rule) == rule, rule);
}

void CheckEntries(std::string_view text, table::Separator separator) {
  const auto read = table::ParseTextEntries(text, separator);
  const auto lines = 1 + static_cast<unsigned>(std::ranges::count(text, '\n'));
  for (std::size_t i = 0; i < read.entries.size(); ++i) {
    const auto& entry = read.entries[i];
    Require(i == 0 || read.entries[i - 1].key < entry.key, entry.key);
    Require(read.Find(entry.key) == &entry && table::NormaliseKey(entry.key) == entry.key, entry.key);
    Require(entry.line >= 1 && entry.line <= entry.value_line && entry.value_line <= lines, entry.key);
    Require(!entry.value.empty() && entry.value.data() >= text.data() &&
                entry.value.data() + entry.value.size() <= text.data() + text.size(),
            entry.key);
  }
  Require(read.faults.size() <= table::TextEntries::kMaxFaults);
  for (const auto& fault : read.faults)
    Require(fault.line >= 1 && fault.line <= lines && IsPrintable(fault.text), fault.text);
}

}  // namespace

void Configuration(std::string_view input) {
  static const Directory directory;
  directory.Write(input);
  const auto loaded = config::Load(directory.Path());
  const auto& settings = loaded.settings;
  Require(!settings.incomplete, input);
  Require(loaded.warnings.size() <= kMaxWarnings);
  for (const auto& warning : loaded.warnings) Require(IsPrintable(warning.text), warning.text);
  CheckSection(settings.relay.common);
  Require(settings.relay.named.size() <= config::Settings::Relay::kMaxSections);
  for (const auto& section : settings.relay.named) {
    CheckSection(section);
    Require(settings.relay.Find(section.name) == &section, section.name);
  }
  Require(settings.queue.retry_min <= settings.queue.retry_max, input);
  Require(config::FaultOfMailbox(settings.local.mailbox).empty(), settings.local.mailbox);
  Require(settings == config::Load(directory.Path()).settings, input);
}

// A line of a program that answers for a table.
void Lookup(std::string_view input) {
  namespace protocol = table::protocol;
  (void)protocol::ParseRegistration(input);
  const auto reply = protocol::ParseLookupReply(input, 1);
  if (const auto* found = std::get_if<protocol::FoundValue>(&reply))
    Require(!found->value.empty() && input.ends_with(found->value), input);
  if (const auto* bad = std::get_if<protocol::Malformed>(&reply)) Require(IsPrintable(bad->why), bad->why);
  if (const auto key = table::NormaliseKey(input)) {
    const auto line = protocol::LookupRequest("aliases", 1, *key, 0, 0);
    Require(std::ranges::count(line, '\n') == 1 && line.ends_with("|" + *key + "\n"), line);
  }
}

void RelayList(std::string_view input) {
  std::string bad;
  CheckRelays(config::RelayList::Parse(input, bad));
  Require(IsPrintable(bad), bad);
  config::RelayUrl::Error error;
  const auto url = config::RelayUrl::Parse(input, &error);
  Require(url || (IsPrintable(error.text) && !error.text.empty()), error.text);
  if (!url) return;
  const auto written = url->ToString();
  const auto again = config::RelayUrl::Parse(written);
  Require(again && again->ToString() == written && again->tls == url->tls && again->port == url->port,
          written);
  Require(url->label.empty() || url->tls == config::Tls::Never || url->tls != config::Tls::Opportunistic,
          written);
}

void RelayOptions(std::string_view input) {
  (void)config::ParseRelayOptions(input);
  const auto text = config::OptionsForUser({{"Connections", "7"}, {"TlsTimeout", "9s"}}, input);
  if (!text) return;
  Require(text->size() > config::kMaxOptionsText || config::ParseRelayOptions(*text), *text);
  const auto options = config::ParseRelayOptions(*text);
  Require(!options || options->tls_timeout == std::chrono::seconds(9), *text);
  Require(!options || (options->token_command.empty() && options->tls_certificate.empty()), *text);
}

void Table(std::string_view input) {
  for (const auto separator : {table::Separator::Any, table::Separator::Colon})
    CheckEntries(input, separator);
  table::StaticTable entries(input);
  for (const auto& [key, value] : entries.Entries()) Require(entries.Lookup(key)->value == value, key);
  for (const auto& fault : entries.Faults()) Require(IsPrintable(fault), fault);
  config::TableSpec::Error error;
  const auto spec = config::TableSpec::Parse(input, &error);
  Require(spec || IsPrintable(error.text), error.text);
  if (spec) Require(config::TableSpec::Parse(spec->ToString()) == spec, spec->ToString());
}

void UserRelays(std::string_view input) {
  using config::UserRelays;
  const auto relays = UserRelays::Parse(input, "/p");
  Require(relays.named.size() <= UserRelays::kMaxSections);
  Require(relays.faults.size() <= UserRelays::kMaxFaults + relays.named.size() + 1);
  for (const auto& fault : relays.faults)
    Require(IsPrintable(fault.text) && fault.text.starts_with("/p:"), fault.text);
  CheckSection(relays.common);
  for (const auto& section : relays.named) CheckSection(section);
  for (const char* sender : {"", "alice@example.org", "bob@sub.example.org"})
    (void)relays.FindMisleading(relays.Choose(sender));
}

void Values(std::string_view input) {
  if (const auto span = config::ParseTimeSpan(input))
    Require(span->count() >= 0 && *span <= config::kMaxTimeSpan, input);
  (void)config::ParseSize(input);
  (void)config::ParseBoolean(input);
  (void)config::IsPin(input);
  if (const auto rule = config::NormaliseAddressRule(input)) {
    Require(config::NormaliseAddressRule(*rule) == rule && ToLower(*rule) == *rule && IsPrintable(*rule),
            *rule);
  }
  if (const auto address = mail::Address::Parse(input))
    for (const auto& rule : config::RulesFor(*address)) Require(IsPrintable(rule), rule);
  Require(config::RulesForSender(std::string(input)).size() <= config::kMaxAddressRules, input);
  using IsSound = bool (*)(std::string_view);
  for (const IsSound is_sound :
       {IsSound(config::IsDomainName), IsSound(config::IsMailDomain), IsSound(config::IsHelo),
        IsSound(config::IsMasquerade), IsSound(config::IsCredentialLabel), IsSound(config::IsServiceUser),
        IsSound(config::IsIpAddress), IsSound(config::IsAddressPattern)})
    Require(!is_sound(input) || IsPrintable(input), input);
  if (config::IsMasquerade(input)) {
    const auto masked = mail::Masquerade("alice", input, [](std::string_view) { return true; });
    Require(mail::Address::Parse(masked).has_value(), masked);
  }
  for (const auto& text : {config::FaultOfMailbox(input), config::ExplainUnknownSection(input),
                           config::ExplainUnknownKey("Queue", input)})
    Require(IsPrintable(text), text);
}

}  // namespace fuzz
