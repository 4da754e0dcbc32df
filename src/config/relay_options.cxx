// SPDX-License-Identifier: BSD-2-Clause
#include "config/relay_options.hxx"

#include "base/text.hxx"
#include "config/boolean.hxx"
#include "config/time_span.hxx"
#include "config/value_checks.hxx"

#include <algorithm>
#include <chrono>

namespace config {

namespace {

constexpr unsigned kMaxConnections = 200;
constexpr unsigned kMaxMessages = 10000;
constexpr mail::Duration kMaxTimeout = std::chrono::hours(1);
constexpr std::size_t kMaxEntries = 20;  // of a list

std::string SetValue(bool& field, std::string_view value) {
  const auto boolean = ParseBoolean(value);
  if (!boolean) return Quote(value);
  field = *boolean;
  return {};
}

std::string SetValue(mail::Duration& field, std::string_view value) {
  const auto span = ParseTimeSpan(value);
  if (!span || *span < std::chrono::seconds(1) || *span > kMaxTimeout) return Quote(value);
  field = *span;
  return {};
}

template <unsigned Max>
std::string SetNumber(unsigned& field, std::string_view value) {
  const auto number = ParseNumber<unsigned>(value);
  if (!number || *number == 0 || *number > Max) return Quote(value);
  field = *number;
  return {};
}

template <auto Check>
std::string SetOptionText(std::string& field, std::string_view value) {
  if (!Check(value)) return Quote(value);
  field = value;
  return {};
}

// One bad entry does not discard the others.
template <auto Check>
std::string SetOptionList(std::vector<std::string>& field, std::string_view value) {
  std::string bad;
  field.clear();
  for (const auto& word : SplitList(value, " \t,")) {
    if (Check(word) && field.size() < kMaxEntries)
      field.push_back(word);
    else
      bad += (bad.empty() ? "" : ", ") + Quote(word);
  }
  return bad;
}

constexpr std::string_view kTimeout = "a time span from 1s to 1h, such as 30s or 5min (systemd.time(7))";

template <auto Member, auto Set, Whose whose>
constexpr RelayOption OptionOf(std::string_view name, std::string_view expected) {
  return {name, whose, expected, [](RelayOptions& options, std::string_view value, std::string& bad) {
            const auto before = options.*Member;
            auto& field = options.*Member;
            bad = Set(field, value);
            using Field = std::remove_cvref_t<decltype(field)>;
            if constexpr (std::is_same_v<Field, std::vector<std::string>>) {
              if (!field.empty()) return true;
              field = before;
            }
            return bad.empty();
          }};
}

constexpr auto kSetBoolean = [](bool& field, std::string_view value) { return SetValue(field, value); };
constexpr auto kSetTimeout = [](mail::Duration& field, std::string_view value) {
  return SetValue(field, value);
};

constexpr RelayOption kOptions[] = {
    OptionOf<&RelayOptions::source_addresses, SetOptionList<IsIpAddress>, Whose::Machine>(
        kSourceAddress, "IPv4 and IPv6 addresses of this machine with spaces between them, or a table"),
    OptionOf<&RelayOptions::helo, SetOptionText<IsHelo>, Whose::Both>(
        "Helo", "a domain name such as mail.example.org, or an address in brackets such as [192.0.2.1]"),
    OptionOf<&RelayOptions::connections, SetNumber<kMaxConnections>, Whose::Both>("Connections",
                                                                                  "a number from 1 to 200"),
    OptionOf<&RelayOptions::messages_per_connection, SetNumber<kMaxMessages>, Whose::Both>(
        "MessagesPerConnection", "a number from 1 to 10000"),
    OptionOf<&RelayOptions::idle_timeout, kSetTimeout, Whose::Machine>("IdleTimeout", kTimeout),
    OptionOf<&RelayOptions::connect_timeout, kSetTimeout, Whose::Machine>("ConnectTimeout", kTimeout),
    OptionOf<&RelayOptions::tls_timeout, kSetTimeout, Whose::Machine>("TlsTimeout", kTimeout),
    OptionOf<&RelayOptions::greeting_timeout, kSetTimeout, Whose::Machine>("GreetingTimeout", kTimeout),
    OptionOf<&RelayOptions::command_timeout, kSetTimeout, Whose::Machine>("CommandTimeout", kTimeout),
    OptionOf<&RelayOptions::mail_timeout, kSetTimeout, Whose::Machine>("MailTimeout", kTimeout),
    OptionOf<&RelayOptions::recipient_timeout, kSetTimeout, Whose::Machine>("RecipientTimeout", kTimeout),
    OptionOf<&RelayOptions::data_timeout, kSetTimeout, Whose::Machine>("DataTimeout", kTimeout),
    OptionOf<&RelayOptions::block_timeout, kSetTimeout, Whose::Machine>("BlockTimeout", kTimeout),
    OptionOf<&RelayOptions::end_timeout, kSetTimeout, Whose::Machine>("EndTimeout", kTimeout),
    OptionOf<&RelayOptions::tls_pins, SetOptionList<IsPin>, Whose::User>(
        "TlsPins", "sha256//BASE64 of public keys, 44 characters behind the slashes"),
    OptionOf<&RelayOptions::tls_authorities, SetOptionText<IsAbsolutePath>, Whose::Administrator>(
        "TlsAuthorities", "the absolute path of a PEM file"),
    OptionOf<&RelayOptions::tls_certificate, SetOptionText<IsCredentialLabel>, Whose::Administrator>(
        "TlsCertificate", "the label of a credential: letters, digits and -_.+ not beginning with a dot"),
    OptionOf<&RelayOptions::token_command, SetOptionText<IsCommand>, Whose::Administrator>(
        "TokenCommand", "the absolute path of a program, with arguments if it takes some"),
    OptionOf<&RelayOptions::insecure_auth, kSetBoolean, Whose::User>("InsecureAuth", "yes or no"),
};

// Calls take(option, value) for each line of ToText; false if there is another line, or take says so.
template <typename Take>
bool ForEachOption(std::string_view text, Take take) {
  if (text.size() > kMaxOptionsText) return false;
  return std::ranges::all_of(SplitList(text, "\n"), [&](const std::string& line) {
    const auto equals = std::min(line.find('='), line.size());
    const auto* const option =
        std::ranges::find(kOptions, std::string_view(line).substr(0, equals), &RelayOption::name);
    return option != std::end(kOptions) && equals + 1 < line.size() &&
           take(*option, std::string_view(line).substr(equals + 1));
  });
}

// All or nothing: a list of pins that was only partly understood could lack the one that matters.
bool IsUserOption(const RelayOption& option, std::string_view value) {
  RelayOptions understood;
  std::string bad;
  return value.size() <= kMaxUserOption && option.set(understood, value, bad) && bad.empty();
}

}  // namespace

std::span<const RelayOption> RelayOptionTable() noexcept {
  return kOptions;
}

std::string ToText(const RelayAssignments& assignments) {
  std::string text;
  for (const auto& [key, value] : assignments) text.append(key).append("=").append(value).append("\n");
  return text;
}

std::optional<RelayOptions> ParseRelayOptions(std::string_view text) {
  RelayOptions options;
  if (!ForEachOption(text, [&](const RelayOption& option, std::string_view value) {
        std::string bad;
        return option.set(options, value, bad);
      }))
    return std::nullopt;
  return options;
}

std::optional<std::string> OptionsForUser(const RelayAssignments& common, std::string_view own) {
  RelayAssignments options;
  for (const auto& option : kOptions) {
    const auto found = common.find(option.name);
    const bool is_ours = option.whose == Whose::Machine || option.whose == Whose::Both;
    if (is_ours && found != common.end()) options.insert(*found);
  }
  if (!ForEachOption(own, [&](const RelayOption& option, std::string_view value) {
        const bool is_his = option.whose == Whose::User || option.whose == Whose::Both;
        if (!is_his) return true;
        options.insert_or_assign(std::string(option.name), std::string(value));
        return IsUserOption(option, value);
      }))
    return std::nullopt;
  return ToText(options);
}

}  // namespace config
