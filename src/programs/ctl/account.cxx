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

std::string AddAccount(const std::string& text, Account account) {
  const auto relays = config::UserRelays::Parse(text, {});
  const auto& common = relays.common;
  const bool is_there = common.hosts.ToString() == account.url ||
                        std::ranges::count(relays.named, account.name, &config::RelaySection::name) > 0;
  if (is_there) return text;
  account.for_all = common.hosts.IsEmpty() && !common.bad_hosts;
  const std::string gap = text.empty() ? "" : text.ends_with('\n') ? "\n" : "\n\n";
  return text + gap + DropInFor(account);
}

}  // namespace ctl
