// SPDX-License-Identifier: BSD-2-Clause
#include "queue/probe.hxx"

#include "base/text.hxx"

#include <stdexcept>

namespace queue {

courier::Request MakeProbe(const config::Settings& settings, const std::string& name, mail::Time now,
                           const Random& random) {
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
  request.envelope.created = now;
  request.envelope.id = NewQueueId(now, random);
  request.envelope.recipients.emplace_back().address = "postmaster";  // no request is without one
  return request;
}

}  // namespace queue
