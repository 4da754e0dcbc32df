// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/relay_test.hxx"

#include "base/text.hxx"
#include "programs/runner/settlement.hxx"

#include <stdexcept>

namespace runner {

courier::Request MakeRelayTest(const config::Settings& settings, const std::string& name) {
  const auto& relay = settings.relay;
  const auto* const section = name.empty() ? &relay.common : relay.Find(name);
  if (!section) throw std::invalid_argument("There is no section [Relay." + name + "] in the configuration");
  courier::Request request;
  for (const auto& group : relay.HostsOf(*section).hosts.groups)
    for (const auto& member : group) request.relays.push_back(member.url);
  if (request.relays.empty())
    throw std::invalid_argument(section->Title() + " names no relay: set Host=, see mailqueue.conf(5)");
  request.options = relay.OptionsOf(*section);
  request.helo = settings.mail.hostname;
  request.probe = true;
  request.envelope.created = mail::Now();
  request.envelope.id = NewQueueId(request.envelope.created);
  request.envelope.recipients.emplace_back().address = "postmaster";  // no request is without one
  return request;
}

}  // namespace runner
