// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/probe.hxx"

#include "programs/relay/connection.hxx"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace relay {

namespace {

Parameters MakePatience(const config::RelayOptions& options) {
  auto parameters = MakeParameters(options);
  auto& timeouts = parameters.timeouts;
  for (auto* wait : {&timeouts.connect, &timeouts.tls, &timeouts.greeting, &timeouts.command})
    *wait = std::min<smtp::Timeouts::Duration>(*wait, kMaxProbeWait);
  return parameters;
}

asio::awaitable<mail::RelayReport> ProbeOne(const std::string& url, const Job& job, Network& network) {
  mail::DeliveryResult fault;
  if (const auto why = network.named.FindFault(url, job.options))
    co_return mail::RelayReport{url, why->status, {why->text}};
  const auto identity = MakeIdentity(url, job.options, job.request.helo, job.request.envelope.tls, fault);
  if (!identity) co_return mail::RelayReport{url, fault.status, {fault.text}};
  const auto parameters = MakePatience(job.options);
  tls::Sessions sessions;
  Connection connection(*identity, parameters, network, sessions);
  const auto refusal = co_await connection.Open();
  mail::RelayReport report{url, refusal ? refusal->status : "2.0.0", connection.Describe()};
  if (refusal) report.lines.push_back(refusal->text);
  if (connection.IsOpen()) co_await connection.Quit();
  co_return report;
}

}  // namespace

asio::awaitable<std::vector<mail::RelayReport>> Probe(const Job& job, Network& network) {
  std::vector<mail::RelayReport> reports;
  reports.reserve(job.request.relays.size());
  for (const auto& url : job.request.relays) reports.push_back(co_await ProbeOne(url, job, network));
  co_return reports;
}

}  // namespace relay
