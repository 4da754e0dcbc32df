// SPDX-License-Identifier: BSD-2-Clause
#include "route/relay_choice.hxx"

#include "base/text.hxx"
#include "config/address_rule.hxx"
#include "config/domain_name.hxx"
#include "config/relay_url.hxx"

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

RelayChoice ByRecipient(RelayChoice choice) {
  choice.by_recipient = true;
  return choice;
}

bool AreSources(std::string_view text) {
  const auto options = config::RelayOptionTable();
  const auto option = std::ranges::find(options, config::kSourceAddress, &config::RelayOption::name);
  config::RelayOptions understood;
  std::string bad;
  return option->set(understood, text, bad) && bad.empty();
}

// The relay that a domain in brackets is (RFC 5321 section 4.1.3); empty if it is no address.
std::string ParseLiteral(std::string_view domain) {
  const auto address = config::AddressOfLiteral(domain);
  if (address.empty()) return {};
  return "smtp://" + (address.find(':') == address.npos ? address : "[" + address + "]");
}

class Chooser {
 public:
  Chooser(const config::Settings& settings, Tables& tables, const std::string& sender)
      : settings_(settings), tables_(tables), sender_rules_(config::RulesForSender(sender)) {}

  [[nodiscard]] RelayChoice Choose(const mail::Address& recipient);

 private:
  [[nodiscard]] RelayChoice ChooseHosts(const RelaySection& section, std::string where);
  [[nodiscard]] RelayChoice ChooseMapped(const table::Found& found);
  [[nodiscard]] RelayChoice ChooseDirect(const std::string& domain);
  [[nodiscard]] RelayChoice Go(std::string relays, const RelaySection& section, std::string where);

  const config::Settings& settings_;
  Tables& tables_;
  const std::vector<std::string> sender_rules_;
};

RelayChoice Chooser::Choose(const mail::Address& recipient) {
  if (settings_.incomplete)
    return Refuse(mail::Deferred("4.3.5",
                                 "a file of the configuration can't be read, so mail for other machines "
                                 "waits: see mailqueuectl status"),
                  {});
  const auto& relay = settings_.relay;
  const auto rules = config::RulesFor(recipient);
  if (const auto* section = config::FindSection(relay.named, rules, &RelaySection::recipients))
    return ByRecipient(ChooseHosts(*section, Describe(*section, "Recipients")));
  for (const auto& rule : rules)
    if (auto found = tables_.FindRelay(rule)) {
      if (relay.map->kind == config::TableSpec::Kind::Static) found->where = Describe(relay.common, "Map");
      return ByRecipient(ChooseMapped(*found));
    }
  if (const auto* section = config::FindSection(relay.named, sender_rules_, &RelaySection::senders))
    return ChooseHosts(*section, Describe(*section, "Senders"));
  const auto& common = relay.common;
  if (!common.hosts.IsEmpty() || common.bad_hosts || common.no_hosts)
    return ChooseHosts(common, Describe(common, "Host"));
  return ChooseDirect(recipient.domain);
}

RelayChoice Chooser::ChooseHosts(const RelaySection& section, std::string where) {
  const auto& hosts = settings_.relay.HostsOf(section);
  if (hosts.no_hosts)
    return Refuse(mail::Failed("5.1.2", "this machine sends no mail there: " + Describe(hosts, "Host")),
                  std::move(where));
  if (hosts.bad_hosts)
    return Refuse(mail::Deferred("4.3.5", Describe(hosts, "Host") + ": nothing of it is understood, mail "
                                                                    "waits: see mailqueuectl status"),
                  std::move(where));
  return Go(hosts.hosts.ToString(), section, std::move(where));
}

RelayChoice Chooser::ChooseMapped(const table::Found& found) {
  std::string bad;
  const auto list = config::RelayList::Parse(found.value, bad);
  if (list.IsEmpty() || !bad.empty())
    return Refuse(mail::Deferred("4.3.5", found.where + ": no relay: " + (bad.empty() ? "it is empty" : bad)),
                  found.where);
  return Go(list.ToString(), settings_.relay.common, found.where);
}

RelayChoice Chooser::ChooseDirect(const std::string& domain) {
  if (!settings_.local.enabled && settings_.IsOwnDomain(domain))
    return Refuse(mail::Deferred("4.4.4",
                                 "there is no mailbox on this machine (Enabled=no in section [Local]) and no "
                                 "relay for " +
                                     domain + ": set Host= in section [Relay] of mailqueue.conf(5)"),
                  {});
  const bool is_literal = domain.starts_with('[') && domain.ends_with(']');
  auto relay = is_literal ? ParseLiteral(domain) : "mx://" + ToLower(domain);
  if (relay.empty() || !config::RelayUrl::Parse(relay))
    return Refuse(mail::Failed("5.1.2", Quote(domain) + " can't be the domain of an address"), {});
  return Go(std::move(relay), settings_.relay.common, {});
}

// With the options of the section, and the source addresses that its table has for the sender.
RelayChoice Chooser::Go(std::string relays, const RelaySection& section, std::string where) {
  RelayChoice choice{std::move(relays), settings_.relay.OptionsOf(section), std::move(where)};
  const auto* const table = settings_.relay.SourceTableOf(section);
  if (!table) return choice;
  for (const auto& rule : sender_rules_) {
    const auto found = tables_.FindSource(*table, rule);
    if (!found) continue;
    if (!AreSources(found->value))
      return Refuse(mail::Deferred("4.3.5", found->where + ": " + Quote(found->value) +
                                                " are no addresses for connections to come from"),
                    std::move(choice.where));
    choice.options.append(config::kSourceAddress).append("=").append(found->value).append("\n");
    return choice;
  }
  return choice;
}

}  // namespace

RelayChoice ChooseRelay(const config::Settings& settings, Tables& tables, const mail::Address& recipient,
                        const std::string& sender) {
  return Chooser(settings, tables, sender).Choose(recipient);
}

}  // namespace route
