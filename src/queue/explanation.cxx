// SPDX-License-Identifier: BSD-2-Clause
#include "queue/explanation.hxx"

#include "base/text.hxx"
#include "mail/address.hxx"
#include "queue/user_relays.hxx"
#include "route/place.hxx"

#include <iterator>
#include <utility>
#include <variant>

namespace queue {

namespace {

RouteLine::Kind KindOf(mail::Outcome outcome) noexcept {
  switch (outcome) {
    case mail::Outcome::Delivered:
      return RouteLine::Kind::Delivered;
    case mail::Outcome::Failed:
      return RouteLine::Kind::Failed;
    case mail::Outcome::Deferred:
      break;
  }
  return RouteLine::Kind::Deferred;
}

void Describe(RouteLine& line, const mail::DeliveryResult& result) {
  line.kind = KindOf(result.outcome);
  line.end = std::string(ToString(result.outcome)) + " " + result.status + ": " + result.text;
}

// Where an address is written, and what sends it on.
std::string Join(const std::string& place, const std::string& where) {
  return place + (place.empty() || where.empty() ? "" : "; ") + where;
}

void Describe(RouteLine& line, const route::End& end) {
  const auto* const route = end.GetRoute();
  if (!route) return Describe(line, std::get<mail::DeliveryResult>(end.where));
  switch (route->courier) {
    case route::Courier::Relay:
      line.kind = end.user.empty() ? RouteLine::Kind::Relay : RouteLine::Kind::Mailbox;
      line.end = route->destination + " for " + end.address;
      break;
    case route::Courier::Command:
      line.kind = RouteLine::Kind::Command;
      line.end = "command " + Quote(route->destination.substr(1)) + " as " + end.user;
      break;
    case route::Courier::Deliver:
      line.kind = RouteLine::Kind::Mailbox;
      line.end = route::ExpandUser(route->destination, end.user) + " as " + end.user;
      break;
  }
}

route::End WithWhere(route::End end, route::Where where) {
  end.where = std::move(where);
  return end;
}

}  // namespace

Explanation::Explanation(const Environment& environment, Router& router, std::optional<uid_t> reader,
                         uid_t share, std::stop_token gone, Done done)
    : environment_(environment),
      settings_(environment.settings.Refresh()),
      reader_(reader),
      share_(share),
      gone_(std::move(gone)),
      done_(std::move(done)),
      walk_(environment, router) {}

void Explanation::Start(std::string sender, std::vector<std::string> addresses) {
  walk_.Expand(shared_from_this(), settings_,
               {share_, std::move(addresses), std::move(sender), reader_.value_or(0), gone_});
  run_ = Run();
  run_.Start();
}

Task Explanation::Run() {
  while (walk_.HasAnswer() || walk_.IsOpen()) {
    co_await walk_.Answered();
    const auto answer = walk_.Take();
    std::visit([this](const auto& what) { Apply(what); }, answer);
  }
  done_({lines_.begin(), lines_.end()});
}

void Explanation::Apply(const Way::Expanded& expansions) {
  OnExpanded(lines_.end(), 1, expansions);
}

void Explanation::OnExpanded(Lines::iterator before, unsigned depth,
                             const std::vector<route::Expansion>& expansions) {
  for (const auto& expansion : expansions) {
    if (gone_.stop_requested()) return;
    for (const auto& step : expansion.steps) Add(before, step, expansion);
    AddFaults(before, depth, expansion.faults, "has no effect");
  }
}

void Explanation::AddFaults(Lines::iterator before, unsigned depth, const std::vector<std::string>& faults,
                            const char* consequence) {
  for (const auto& fault : faults)
    if (!IsFull()) Insert(before, {depth, fault, {}, consequence, RouteLine::Kind::Mistake});
}

Explanation::Lines::iterator Explanation::Insert(Lines::iterator before, RouteLine line) {
  octets_ += line.what.size() + line.where.size() + line.end.size();
  return lines_.insert(before, std::move(line));
}

void Explanation::Add(Lines::iterator before, const route::Step& step, const route::Expansion& expansion) {
  if (IsFull()) return;
  const auto line = Insert(before, {step.depth, step.what, Join(step.place, step.where), {}});
  if (IsFull()) {
    line->end = "and more: nothing is shown behind " + std::to_string(kMaxLines) + " lines or " +
                std::to_string(kMaxOctets) + " octets";
    return;
  }
  if (step.is_circle) line->end = "leads in a circle, and nothing more comes of it";
  if (step.is_circle) line->kind = RouteLine::Kind::Circle;
  if (!step.end) return;
  const auto& end = expansion.ends[*step.end];
  if (end.AsksRelays()) return AskRelays(line, end);
  Describe(*line, end);
  const auto* const route = end.GetRoute();
  if (route && route->courier != route::Courier::Relay) Ask(line, end);
}

void Explanation::AskRelays(Lines::iterator line, const route::End& end) {
  Describe(*line, WithWhere(end, end.otherwise));
  const auto& route = *end.GetRoute();
  auto request = MakeQuestion(route, end);
  request.envelope.sender = mail::Qualify(route.sender, settings_->mail.domain);
  walk_.Deliver(shared_from_this(), route, {std::move(request), {}, {}}, {line, end});
}

void Explanation::Ask(Lines::iterator line, const route::End& end) {
  const auto& route = *end.GetRoute();
  if (reader_ && *reader_ != route.uid) {
    if (route.forward) line->end += ", unless a forward file of " + end.user + " says otherwise";
    return;
  }
  walk_.Deliver(shared_from_this(), route, {MakeQuestion(route, end), {}, {}}, {line, end});
}

courier::Request Explanation::MakeQuestion(const route::Route& route, const route::End& end) const {
  courier::Request request;
  request.destination = route.destination;
  request.helo = settings_->mail.hostname;
  request.forward = route.forward;
  request.own_relays = route.own_relays;
  request.explain = true;
  request.extension = route.extension;
  request.alias = route.alias;
  request.envelope.created = environment_.clock.Now();
  request.envelope.id = NewQueueId(request.envelope.created, environment_.random);
  request.envelope.recipients.emplace_back().address = end.address;
  return request;
}

void Explanation::Apply(const Way::Replied& replied) {
  const auto& [line, end] = replied.sent;
  const auto& reply = replied.reply;
  if (end.AsksRelays())
    OnRelays(line, end, reply);
  else if (reply.forward && end.AsksForward())
    OnForward(line, end, *reply.forward);
  else
    OnResult(line, end, reply.ResultOf(0));
}

void Explanation::OnRelays(Lines::iterator line, const route::End& end, const Reply& reply) {
  if (reply.own_relays) {
    Describe(*line, WithWhere(end, ApplyUserRelays(*reply.own_relays, end, *settings_)));
    if (!reply.own_relays->where.empty()) line->where = reply.own_relays->where;
  } else if (const auto* const result = reply.ResultOf(0)) {
    Describe(*line, *result);
  } else {
    line->end += ", unless " + end.GetRoute()->owner + " has chosen another relay: nobody answered";
  }
}

void Explanation::OnResult(Lines::iterator line, const route::End& end, const mail::DeliveryResult* result) {
  if (!result)
    line->end += std::string(end.AsksForward() ? ", if there is no forward file" : "") + ": nobody answered";
  else if (result->outcome != mail::Outcome::Delivered)
    Describe(*line, *result);
}

void Explanation::OnForward(Lines::iterator line, const route::End& end, const courier::Forward& forward) {
  const bool is_mailbox = forward.path.empty();
  if (!is_mailbox) {
    line->where = Join(line->where, forward.path);
    line->end.clear();
    line->kind = RouteLine::Kind::Further;
  }
  walk_.Follow(shared_from_this(), settings_, share_, end, forward, {line, is_mailbox, forward.faults});
}

void Explanation::Apply(const Way::Followed& followed) {
  const auto& [line, is_mailbox, faults] = followed.asked;
  const auto& expansion = followed.expansion;
  if (is_mailbox && !expansion.ends.empty()) return Describe(*line, expansion.ends.front());
  const auto below = std::next(line);
  const auto depth = line->depth + 1;
  AddFaults(below, depth, faults, "has no effect: the mailbox stands in for it");
  OnExpanded(below, depth, {expansion});
}

}  // namespace queue
