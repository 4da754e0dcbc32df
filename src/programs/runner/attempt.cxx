// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/attempt.hxx"

#include "courier/packet.hxx"
#include "programs/runner/story.hxx"
#include "service/journal.hxx"

#include <syslog.h>

#include <exception>
#include <utility>
#include <variant>

namespace runner {

Attempt::Attempt(Entry& entry, const spool::Queue& queue, const config::Settings& settings,
                 Couriers& couriers, Finished finished)
    : entry_(entry),
      queue_(queue),
      hostname_(settings.mail.hostname),
      router_(settings, route::LookUpUser),
      couriers_(couriers),
      finished_(std::move(finished)) {}

void Attempt::Start() {
  under_way_ = 1;  // this call itself
  try {
    for (auto& [route, recipients] : RouteAll()) Send(route, std::move(recipients));
  } catch (const std::exception& e) {
    LogStep(LOG_ERR, entry_.envelope, std::string(e.what()) + ", retrying");
    lost_ = true;
  }
  if (--under_way_ == 0) finished_(lost_);
}

std::map<route::Route, Attempt::Indices> Attempt::RouteAll() {
  std::map<route::Route, Indices> routes;
  for (std::size_t i = 0; i < entry_.envelope.recipients.size(); ++i) {
    const auto& recipient = entry_.envelope.recipients[i];
    if (recipient.IsSettled()) continue;
    const auto decision = router_.Decide(recipient.address);
    if (const auto* route = std::get_if<route::Route>(&decision))
      routes[*route].push_back(i);
    else
      Record(i, std::get<mail::DeliveryResult>(decision));
  }
  return routes;
}

void Attempt::Send(const route::Route& route, Indices recipients) {
  auto request = MakeRequest(route, recipients);
  if (request.ToText().size() > courier::kMaxPacket && recipients.size() > 1) {
    const auto middle = recipients.begin() + static_cast<std::ptrdiff_t>(recipients.size() / 2);
    Send(route, {recipients.begin(), middle});
    Send(route, {middle, recipients.end()});
    return;
  }
  Order order{std::move(request), queue_.OpenMessage(entry_.envelope.id), {}};
  order.done = [self = shared_from_this(), recipients = std::move(recipients)](const Results& results) {
    self->OnResults(recipients, results);
  };
  ++under_way_;
  couriers_.Deliver(route, std::move(order));
}

courier::Request Attempt::MakeRequest(const route::Route& route, const Indices& recipients) const {
  const auto& whole = entry_.envelope;
  courier::Request request;
  request.destination = route.destination;
  request.helo = hostname_;
  request.again = entry_.again;
  auto& part = request.envelope;
  part.id = whole.id;
  part.sender = router_.Qualify(whole.sender);
  part.submitter = whole.submitter;
  part.created = whole.created;
  part.message_size = whole.message_size;
  part.body = whole.body;
  part.ret = whole.ret;
  part.envid = whole.envid;
  for (const auto index : recipients) {
    auto& recipient = part.recipients.emplace_back(whole.recipients[index]);
    recipient.result.reset();
    if (route.courier == route::Courier::Relay) recipient.address = router_.Qualify(recipient.address);
  }
  return request;
}

void Attempt::OnResults(const Indices& recipients, const Results& results) {
  bool settled = false;
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    lost_ |= !results[i];
    Record(recipients[i],
           results[i].value_or(mail::Deferred("4.3.0", "the courier went away without an answer")));
    settled |= entry_.envelope.recipients[recipients[i]].IsSettled();
  }
  if (--under_way_ == 0) return finished_(lost_);
  if (!settled) return;
  try {
    queue_.Update(entry_.envelope, spool::Queue::Durability::Now);
  } catch (const std::exception& e) {
    service::Log(LOG_ERR,
                 std::string("Failed to store results: ") + e.what() + ", retrying when the attempt ends");
  }
}

void Attempt::Record(std::size_t index, const mail::DeliveryResult& result) {
  auto& recipient = entry_.envelope.recipients[index];
  recipient.result = result;
  LogResult(entry_.envelope, recipient);
}

}  // namespace runner
