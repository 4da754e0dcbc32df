// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/account.hxx"

#include "base/text.hxx"
#include "config/relay_url.hxx"
#include "config/user_relays.hxx"

#include <algorithm>

namespace ctl {

std::string DefaultAccountName(std::string_view address) {
  auto name = ToLower(address.substr(address.rfind('@') + 1));
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  for (char& c : name)
    if (!is_plain(c)) c = '_';
  if (name.starts_with('.')) name.front() = '_';
  return name;
}

std::string UrlFor(const std::string& host, const std::string& label, std::string& why) {
  config::RelayUrl::Error error;
  const bool is_url = host.find("://") != host.npos;
  auto url = config::RelayUrl::Parse(is_url ? host : "smtps://" + host, &error);
  if (!url) {
    why = error.text;
    return {};
  }
  if (url->mx || url->protocol != config::Protocol::Smtp || url->tls == config::Tls::Never) {
    why = "a password goes to smtps://HOST or smtp+tls://HOST";
    return {};
  }
  if (url->tls == config::Tls::Opportunistic) url->tls = config::Tls::Required;
  url->label = label;
  return url->ToString();
}

std::string DropInFor(const Account& account) {
  std::string text = "# The account " + account.address + ", written by mailqueuectl setup.\n";
  text += account.for_all ? "[Relay]\n" : "[Relay." + account.name + "]\n";
  text += "Host=" + account.url + "\n";
  if (!account.for_all) text += "Senders=" + account.address + "\n";
  return text;
}

namespace {

// The places of a section that is not empty are at least one.
std::string OtherSection(const config::RelaySection& section, const Account& account) {
  const auto host = section.places.find("Host");
  const auto& place = host == section.places.end() ? section.places.begin()->second : host->second;
  return place + ": " + section.Title() + " is there already, and does not send mail of " +
         Quote(account.address) + " to " + account.url + ": edit it, or choose another name with --name=";
}

}  // namespace

std::optional<std::string> AddAccount(const std::string& text, const std::string& path, Account account,
                                      std::string& why) {
  const auto relays = config::UserRelays::Parse(text, path);
  const auto& common = relays.common;
  const auto same = std::ranges::find(relays.named, account.name, &config::RelaySection::name);
  const auto& chosen = relays.Choose(account.address);
  const auto& hosts = chosen.hosts.IsEmpty() && !chosen.bad_hosts ? common : chosen;
  const bool is_named = same != relays.named.end();
  if (hosts.hosts.ToString() == account.url && (!is_named || chosen.name == account.name)) return text;
  if (is_named) {
    why = OtherSection(*same, account);
    return std::nullopt;
  }
  account.for_all = common.hosts.IsEmpty() && !common.bad_hosts;
  const std::string gap = text.empty() ? "" : text.ends_with('\n') ? "\n" : "\n\n";
  return text + gap + DropInFor(account);
}

}  // namespace ctl
