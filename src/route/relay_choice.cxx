// SPDX-License-Identifier: BSD-2-Clause
#include "route/relay_choice.hxx"

#include "base/text.hxx"
#include "config/address_rule.hxx"
#include "config/relay_url.hxx"
#include "config/value_checks.hxx"

#include <algorithm>
#include <utility>
#include <vector>

namespace route {

namespace {

using config::RelaySection;

// "[Relay.work] Senders=, /etc/mailqueue/mailqueue.conf:12"
std::string Describe(const RelaySection& section, std::string_view key) {
  const auto place = section.places.find(key);
  return section.Title() + " " + std::string(key) + "=" +
         (place == section.places.end() ? "" : ", " + place->second);
}

RelayChoice Refuse(mail::DeliveryResult why, std::string where) {
  return {{}, {}, std::move(where), std::move(why)};
}

RelayChoice ChooseHosts(const config::Settings& settings, const RelaySection& section, std::string where) {
  const auto& hosts = settings.relay.HostsOf(section);
  if (hosts.bad_hosts)
    return Refuse(mail::Deferred("4.3.5", Describe(hosts, "Host") + ": nothing of it is understood, mail "
                                                                    "waits: see mailqueuectl status"),
                  std::move(where));
  return {hosts.hosts.ToString(), settings.relay.OptionsOf(section), std::move(where)};
}

RelayChoice ChooseMapped(const config::Settings& settings, const table::Found& found) {
  std::string bad;
  const auto list = config::RelayList::Parse(found.value, bad);
  if (list.IsEmpty() || !bad.empty())
    return Refuse(mail::Deferred("4.3.5", found.where + ": no relay: " + (bad.empty() ? "it is empty" : bad)),
                  found.where);
  return {list.ToString(), settings.relay.OptionsOf(settings.relay.common), found.where};
}

RelayChoice ByRecipient(RelayChoice choice) {
  choice.by_recipient = true;
  return choice;
}

// The relay that a domain in brackets is (RFC 5321 section 4.1.3); empty if it is no address.
std::string ParseLiteral(std::string_view domain) {
  static constexpr std::string_view kIpv6 = "IPv6:";
  auto literal = domain.substr(1, domain.size() - 2);
  const bool is_ipv6 = StartsWithIgnoreCase(literal, kIpv6);
  if (is_ipv6) literal.remove_prefix(kIpv6.size());
  if (!config::IsIpAddress(literal) || is_ipv6 != (literal.find(':') != literal.npos)) return {};
  return "smtp://" + (is_ipv6 ? "[" + std::string(literal) + "]" : std::string(literal));
}

RelayChoice ChooseDirect(const config::Settings& settings, const std::string& domain) {
  if (!settings.local.enabled && settings.IsOwnDomain(domain))
    return Refuse(mail::Deferred("4.4.4",
                                 "there is no mailbox on this machine (Enabled=no in section [Local]) and no "
                                 "relay for " +
                                     domain + ": set Host= in section [Relay] of mailqueue.conf(5)"),
                  {});
  const bool is_literal = domain.starts_with('[') && domain.ends_with(']');
  auto relay = is_literal ? ParseLiteral(domain) : "mx://" + ToLower(domain);
  if (relay.empty() || !config::RelayUrl::Parse(relay))
    return Refuse(mail::Failed("5.1.2", Quote(domain) + " can't be the domain of an address"), {});
  return {std::move(relay), settings.relay.OptionsOf(settings.relay.common), {}};
}

}  // namespace

RelayChoice ChooseRelay(const config::Settings& settings, Tables& tables, const mail::Address& recipient,
                        const std::string& sender) {
  const auto rules = config::RulesFor(recipient);
  if (const auto* section = config::FindSection(settings.relay.named, rules, &RelaySection::recipients))
    return ByRecipient(ChooseHosts(settings, *section, Describe(*section, "Recipients")));
  for (const auto& rule : rules)
    if (const auto found = tables.FindRelay(rule)) return ByRecipient(ChooseMapped(settings, *found));
  if (const auto* section =
          config::FindSection(settings.relay.named, config::RulesForSender(sender), &RelaySection::senders))
    return ChooseHosts(settings, *section, Describe(*section, "Senders"));
  const auto& common = settings.relay.common;
  if (!common.hosts.IsEmpty() || common.bad_hosts)
    return ChooseHosts(settings, common, Describe(common, "Host"));
  return ChooseDirect(settings, recipient.domain);
}

}  // namespace route
