// SPDX-License-Identifier: BSD-2-Clause
#include "route/router.hxx"

#include "base/text.hxx"

namespace route {

namespace {

// RFC 5321 section 4.5.1 and RFC 2142: mail to it must arrive, whoever exists here.
constexpr std::string_view kPostmaster = "postmaster";
constexpr std::string_view kRoot = "root";

// The name that a local part stands for: without the quotes of a quoted string (RFC 5321 section 4.1.2).
std::string NameOf(std::string_view local) {
  if (local.size() < 2 || !local.starts_with('"') || !local.ends_with('"')) return std::string(local);
  std::string name;
  for (std::size_t i = 1; i + 1 < local.size(); ++i) {
    if (local[i] == '\\' && i + 2 < local.size()) ++i;
    name += local[i];
  }
  return name;
}

}  // namespace

Decision Router::Decide(const std::string& text) const {
  const auto address = mail::Address::Parse(text);
  if (!address) return mail::Failed("5.1.3", "malformed address");
  return settings_.IsLocalDomain(address->domain) ? DecideLocal(*address) : DecideRemote(*address);
}

Decision Router::DecideLocal(const mail::Address& address) const {
  const std::string name = NameOf(address.local);
  auto found = users_(name);
  if (std::holds_alternative<NoUser>(found)) found = users_(ToLower(name));
  if (std::holds_alternative<NoUser>(found) && EqualsIgnoreCase(name, kPostmaster))
    found = users_(std::string(kRoot));
  if (const auto* user = std::get_if<User>(&found))
    return Route{Courier::Deliver, user->uid, settings_.local.mailbox};
  if (const auto* failure = std::get_if<LookupFailed>(&found))
    return mail::Deferred("4.3.0", "the user database does not answer: " + failure->why);
  return mail::Failed("5.1.1", "no user of that name on this machine");
}

Decision Router::DecideRemote(const mail::Address& address) const {
  if (settings_.relay.host.empty())
    return mail::Deferred("4.4.4", "no relay is configured for " + address.domain +
                                       ": set Host= in section [Relay] of mailqueue.conf(5)");
  return Route{Courier::Relay, 0, settings_.relay.host};
}

std::string Router::Qualify(const std::string& text) const {
  const auto address = mail::Address::Parse(text);
  if (!address || !address->domain.empty() || settings_.mail.domain.empty()) return text;
  return mail::Address{address->local, settings_.mail.domain}.ToString();
}

}  // namespace route
