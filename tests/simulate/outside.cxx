// SPDX-License-Identifier: BSD-2-Clause
#include "simulate/outside.hxx"

#include "base/disk_file.hxx"

#include <syslog.h>

#include <chrono>
#include <exception>
#include <system_error>

using namespace std::chrono_literals;

namespace simulate {

namespace {

constexpr std::size_t kMaxText = 1 << 20;  // octets
constexpr std::size_t kRoom = 3;           // of requests to a user's agent or commands

// @param depth how many aliases and forward files have led there
route::End EndOf(const std::string& address, const std::string& sender, bool forward, unsigned depth) {
  route::Route route;
  route.sender = sender;
  route::Lineage lineage;
  lineage.sender = sender;
  lineage.depth = depth;
  route::End end{{}, address, {}, std::make_shared<const route::Lineage>(std::move(lineage))};
  const bool is_mailbox = address.starts_with('\\');
  const auto name = is_mailbox ? address.substr(1) : address;
  if (const auto uid = World::UidOf(name)) {
    route.courier = route::Courier::Deliver;
    route.uid = *uid;
    route.destination = "/var/mail/" + name;
    route.forward = forward && !is_mailbox;
    end.user = end.address = name;
    end.where = route;
  } else if (const auto at = address.find('@'); at != address.npos) {
    route.destination = "smtp://" + address.substr(at + 1);
    route.leaves = true;
    end.where = route;
  } else {
    end.where = mail::Failed("5.1.1", "no user of that name");
  }
  return end;
}

}  // namespace

void Life::Later(std::function<void()> function) {
  const auto kind = draw.Below(10);
  const auto time = kind < 7   ? std::chrono::milliseconds(draw.Below(2000))
                    : kind < 9 ? std::chrono::milliseconds(draw.Below(60'000))
                               : std::chrono::milliseconds(draw.Below(1'200'000));
  const auto place = timers.emplace(timers.end());
  *place = clock.MakeTimer([this, place, function = std::move(function)] {
    const auto timer = std::move(*place);
    timers.erase(place);
    if (!process.IsStopped()) function();
  });
  (*place)->StartAfter(time);
}

void TracedLog::Write(int priority, std::string_view text, std::span<const Field> fields) {
  if (priority > LOG_INFO || life_.process.IsStopped()) return;
  std::string line = "  log: ";
  for (const auto& field : fields)
    if (field.name == "MAILQUEUE_ID") line += std::string(field.value) + ": ";
  life_.trace(line.append(text));
}

std::uint64_t WatchedStore::Update(const mail::Envelope& envelope, Durability durability) {
  const auto size = store_.Update(envelope, durability);
  if (!life_.process.IsStopped()) life_.world.OnStored(envelope.id, durability == Durability::Now);
  return size;
}

void WatchedStore::Remove(const mail::QueueId& id) {
  store_.Remove(id);
  if (!life_.process.IsStopped()) life_.world.OnStored(id, false);
}

void SimulatedRouter::Expand(queue::Snapshot, Question question, Done done) {
  asked_ += question.addresses.size();
  life_.Later([this, question = std::move(question), done = std::move(done)] {
    std::vector<route::Expansion> expansions;
    for (const auto& address : question.addresses) {
      auto& expansion = expansions.emplace_back();
      if (!life_.world.Knows()) {
        expansion.unanswered = true;
        expansion.ends.push_back({mail::Deferred("4.3.0", "the user database does not answer"),
                                  address,
                                  {},
                                  std::make_shared<const route::Lineage>()});
        continue;
      }
      for (const auto& end : life_.world.Expand(address))
        expansion.ends.push_back(
            EndOf(end, question.sender, !life_.world.ForwardOf(end).empty(), end == address ? 0 : 1));
    }
    done(std::move(expansions));
  });
}

void SimulatedRouter::Follow(queue::Snapshot, uid_t, route::End asked, courier::Forward forward, Done done) {
  life_.Later([asked = std::move(asked), forward = std::move(forward), done = std::move(done)] {
    std::vector<route::Expansion> expansions(1);
    for (const auto& destination : forward.destinations)
      expansions[0].ends.push_back(
          EndOf((destination.kind == mail::Destination::Kind::User ? "\\" : "") + destination.text,
                asked.GetRoute()->sender, false, asked.lineage->depth + 1));
    done(std::move(expansions));
  });
}

void SimulatedUsers::LookUp(uid_t uid, Found found) {
  life_.Later([this, uid, found = std::move(found)] {
    found(life_.world.Knows() ? std::optional(uid < 2000) : std::nullopt);
  });
}

bool SimulatedCouriers::HasRoom(route::Courier courier, uid_t uid, uid_t) const noexcept {
  if (courier == route::Courier::Relay) return true;
  const auto found = active_.find({courier, uid});
  if (found == active_.end() || found->second < kRoom) return true;
  ++refused_[{courier, uid}];
  return false;
}

void SimulatedCouriers::Deliver(const route::Route& route, queue::Order order) {
  if (life_.process.IsStopped()) return;
  const auto& id = order.request.envelope.id;
  for (const auto& recipient : order.request.envelope.recipients) {
    const auto key = World::KeyOf(route, recipient.address);
    life_.trace("  asked: " + id.ToString() + " to " + key + (route.forward ? ", or its forward file" : ""));
    if (!route.forward) life_.world.OnAsked(id, key);
  }
  ++active_[{route.courier, route.uid}];
  life_.Later([this, route, order = std::move(order)] { Serve(route, order); });
}

void SimulatedCouriers::Serve(const route::Route& route, const queue::Order& order) {
  const Whose whose{route.courier, route.uid};
  --active_[whose];
  if (!life_.world.IsHealed() && life_.draw.Chance(5))
    Lie(order);
  else
    order.done(Answer(route, order));
  if (!life_.world.IsHealed() && life_.draw.Chance(3)) AnswerTwice(order);
  if (std::exchange(refused_[whose], 0) > 0) on_room_(whose.first, whose.second, kRoom);
}

// The first answer counts. Whoever believed this one would lose the message.
void SimulatedCouriers::AnswerTwice(const queue::Order& order) {
  order.done({queue::Results(order.request.envelope.recipients.size(), mail::Delivered("2.0.0", "twice"))});
}

// It dies, or says what nobody has asked for.
void SimulatedCouriers::Lie(const queue::Order& order) {
  queue::Reply reply;
  reply.results.resize(order.request.envelope.recipients.size());
  switch (life_.draw.Below(4)) {
    case 0:
      reply.forward = courier::Forward{"/home/eve/.forward", {{mail::Destination::Kind::Address, "eve"}}, {}};
      if (order.request.forward) reply.forward.reset();
      break;
    case 1:
      reply.own_relays.emplace();
      break;
    case 2:
      reply.unreached = true;
      break;
    default:
      reply.fault = "it has gone";
  }
  life_.trace("  a courier dies or lies about " + order.request.envelope.id.ToString());
  order.done(reply);
}

queue::Reply SimulatedCouriers::Answer(const route::Route& route, const queue::Order& order) {
  queue::Reply reply;
  const auto& envelope = order.request.envelope;
  reply.results.resize(envelope.recipients.size());
  const auto forward =
      route.forward ? life_.world.ForwardOf(World::UserOf(route.uid)) : std::vector<std::string>();
  if (!forward.empty()) {
    auto& answer = reply.forward.emplace();
    answer.path = "/home/" + forward.front() + "/.forward";
    for (const auto& text : forward) {
      auto& destination = answer.destinations.emplace_back();
      const bool is_mailbox = text.starts_with('\\');
      destination.kind = is_mailbox ? mail::Destination::Kind::User : mail::Destination::Kind::Address;
      destination.text = is_mailbox ? text.substr(1) : text;
    }
    return reply;
  }
  std::string text;
  try {
    text = ReadAll(order.open(), kMaxText);
  } catch (const std::system_error& e) {
    reply.fault = e.what();
    return reply;
  }
  if (life_.process.IsStopped()) return reply;
  life_.world.OnText(envelope.id, text);
  reply.unreached = route.courier == route::Courier::Relay && !life_.world.IsUp(route.destination);
  for (std::size_t i = 0; i < envelope.recipients.size(); ++i) {
    const auto& address = envelope.recipients[i].address;
    const auto key = World::KeyOf(route, address);
    const auto& result = reply.results[i].emplace(Try(route, address));
    life_.trace("  answer: " + envelope.id.ToString() + " to " + key + ": " + result.status);
    if (result.outcome == mail::Outcome::Delivered)
      life_.world.OnDelivered(envelope.id, key, text, envelope.sender.empty());
    if (result.outcome == mail::Outcome::Failed) life_.world.OnFailed(envelope.id, key);
  }
  return reply;
}

mail::DeliveryResult SimulatedCouriers::Try(const route::Route& route, const std::string& address) {
  const bool is_remote = route.courier == route::Courier::Relay;
  if (is_remote && !life_.world.IsUp(route.destination)) return mail::Deferred("4.4.1", "it is down");
  if (!is_remote && !life_.world.HasHome(route.uid))
    return mail::Deferred(std::string(courier::kAwaitsHome), "there is no home directory");
  if (!life_.world.IsHealed() && life_.draw.Chance(15)) return mail::Deferred("4.3.0", "not now");
  if (World::IsRefused(address)) return mail::Failed("5.1.1", "nobody");
  return mail::Delivered("2.0.0", "taken");
}

FixedSettings::FixedSettings() {
  auto settings = std::make_shared<config::Settings>();
  settings->mail.hostname = settings->mail.domain = "host.example";
  settings->queue.reserve = {0, 0};
  settings_ = settings;
}

}  // namespace simulate
