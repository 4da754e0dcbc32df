// SPDX-License-Identifier: BSD-2-Clause
#include "queue/attempt.hxx"

#include "base/text.hxx"
#include "config/relay_list.hxx"
#include "courier/packet.hxx"
#include "mail/address.hxx"
#include "mail/destination.hxx"
#include "mail/header_text.hxx"
#include "mail/masquerade.hxx"
#include "queue/message_log.hxx"
#include "queue/slices.hxx"
#include "queue/user_relays.hxx"

#include <syslog.h>

#include <algorithm>
#include <cassert>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <variant>

namespace queue {

namespace {

// ORCPT tells who was meant where the address has become another one (RFC 3461 section 5.2.3).
std::string OriginalOf(const mail::Recipient& recipient, const std::string& address) {
  if (!recipient.original.empty() || recipient.address == address) return recipient.original;
  return "rfc822;" + recipient.address;
}

// What it died of, the journal may know: an agent's file systems could not be set up, for example.
mail::DeliveryResult WentAway(const route::Route& route, const std::string& fault) {
  if (!fault.empty()) return mail::Deferred("4.3.0", fault);
  const auto uid = std::to_string(route.uid);
  std::string who = "mailqueue-relay";
  if (route.courier == route::Courier::Deliver) who = "'mailqueue-deliver-" + uid + "-*'";
  if (route.courier == route::Courier::Command) who = "'mailqueue-command-" + uid + "-*'";
  return mail::Deferred("4.3.0", "what was to deliver it ended without an answer: see journalctl -u " + who);
}

// As a command's results begin.
std::string NameOfCommand(const std::string& destination) {
  const auto words = mail::SplitCommand(std::string_view(destination).substr(1));
  return words.empty() ? std::string() : "command " + Quote(words[0]);
}

// In the order for one message.
std::vector<std::string> DrawRelays(const route::Route& route, const Random& random) {
  if (!route.leaves) return {route.destination};
  std::string bad;
  const auto list = config::RelayList::Parse(route.destination, bad);
  if (!bad.empty()) throw std::runtime_error("not a list of relays: " + bad);
  return list.Draw([&](unsigned limit) { return DrawBelow(limit, random); });
}

// With fewer ends an attempt takes one place, with more it takes more, up to this.
constexpr std::size_t kEndsOfPlace = 50;
constexpr std::size_t kMaxWeight = 60;

// The envelope of a message with more recipients is not stored for each answer of a relay.
constexpr std::size_t kManyRecipients = 100;
constexpr int kStoreShare = 20;  // storing it takes this part of the time

// Who submitted the message, as the kernel has told: what its text says of that is the sender's own. What has
// the null sender may be a report about a message of theirs. The same at each attempt.
std::string ReceivedField(const mail::Envelope& envelope, const std::string& hostname) {
  return "Received: by " + hostname + " (mailqueue, " + (envelope.sender.empty() ? "for" : "from") +
         " userid " + std::to_string(envelope.submitter) + ") id " + envelope.id.ToString() + "; " +
         mail::FormatDate(envelope.created, 0) + "\n";
}

}  // namespace

std::size_t Attempt::WeightOf(std::size_t ends) noexcept {
  return std::min(1 + ends / kEndsOfPlace, kMaxWeight);
}

std::string Attempt::RoomKey(route::Courier courier, uid_t uid) {
  return (courier == route::Courier::Command ? "command " : "agent ") + std::to_string(uid);
}

Attempt::Attempt(Entry& entry, Snapshot settings, const Means& means, Finished finished)
    : entry_(entry),
      settings_(std::move(settings)),
      means_(means),
      finished_(std::move(finished)),
      plan_(entry.envelope),
      store_(means.environment.clock.MakeTimer([this] {
        storing_ = false;
        StoreNow();
      })),
      walk_(means.environment, means.environment.router) {}

void Attempt::Start() {
  run_ = Run();
  run_.Start();
}

// After a fault nobody knows what the plan is worth: nothing more is sent, and what has no result when the
// last courier has answered is tried again.
Task Attempt::Run() {
  const auto& clock = means_.environment.clock;
  Slice slice(clock);
  Try([this] { Expand(); });
  for (;;) {
    if (walk_.HasAnswer()) {
      Try([this] {
        auto answer = walk_.Take();
        std::visit([this](auto& what) { Apply(what); }, answer);
      });
    } else if (broken_ || !TakeStep()) {
      if (!walk_.IsOpen()) break;
      co_await walk_.Answered();
    }
    if (!slice.IsOver()) continue;
    co_await walk_.NextTurn(shared_from_this());
    slice = Slice(clock);
  }
  Finish();
}

bool Attempt::TakeStep() {
  if (ready_.empty() && additions_.empty())
    Try([this] { std::ranges::move(plan_.TakeReady(), std::back_inserter(ready_)); });
  if (!additions_.empty()) return Try([this] { AddNext(); });
  if (ready_.empty()) return false;
  auto task = std::move(ready_.front());
  ready_.pop_front();
  return Try([&] { Send(std::move(task)); });
}

// @return true
template <typename Step>
bool Attempt::Try(Step step) noexcept {
  try {
    step();
  } catch (const std::exception& e) {
    Break(e);
  }
  return true;
}

void Attempt::Break(const std::exception& fault) noexcept {
  broken_ = true;
  end_.lost = true;
  try {
    means_.log.Step(LOG_ERR, entry_.envelope, std::string(fault.what()) + ", retrying");
  } catch (const std::exception&) {
    // Memory is short. The attempt ends all the same.
  }
}

void Attempt::Expand() {
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < entry_.envelope.recipients.size(); ++i) {
    if (entry_.envelope.recipients[i].IsSettled()) continue;
    recipients_.push_back(i);
    addresses.push_back(entry_.envelope.recipients[i].address);
  }
  walk_.Expand(shared_from_this(), settings_,
               {entry_.share, std::move(addresses), entry_.envelope.sender, entry_.envelope.submitter});
}

void Attempt::Apply(Way::Expanded& expansions) {
  trace_ = Trace(means_.environment.store.ReadHeader(entry_.envelope.id));
  for (std::size_t i = 0; i < recipients_.size(); ++i)
    additions_.push_back({false, recipients_[i], std::move(expansions.at(i))});
}

void Attempt::AddNext() {
  auto& addition = additions_.front();
  if (addition.replaces ? Replace(addition) : AddToRecipient(addition)) additions_.pop_front();
}

// @return true if that was the last end
bool Attempt::AddToRecipient(Addition& addition) {
  const auto recipient = addition.index;
  auto& ends = addition.expansion.ends;
  if (addition.next == 0) {
    Report(addition.expansion, {});
    if (!Lengthen(ends.size())) {
      plan_.PutOffRecipient(recipient);
      return true;
    }
    ends_ += ends.size();
    plan_.BeginAdding(recipient);
  }
  if (!ends.empty()) plan_.AddEnd(recipient, WithoutLoop(std::move(ends[addition.next])));
  if (++addition.next < ends.size()) return false;
  plan_.FinishAdding(recipient, ends.empty());
  return true;
}

// @return true if that was the last end
bool Attempt::Replace(Addition& addition) {
  const auto item = addition.index;
  auto& ends = addition.expansion.ends;
  if (addition.next == 0) plan_.BeginReplacing(item);
  if (!ends.empty()) plan_.ReplaceBy(item, WithoutLoop(std::move(ends[addition.next])));
  if (++addition.next < ends.size()) return false;
  plan_.FinishReplacing(item);
  return true;
}

route::End Attempt::WithoutLoop(route::End end) const {
  const auto everywhere = trace_.FindLoop();
  if (const auto loop = everywhere ? everywhere : trace_.FindLoop(end, settings_->mail.hostname))
    end.where = *loop;
  return end;
}

void Attempt::Report(const route::Expansion& expansion, const Notices::Owner& owner) {
  end_.unanswered |= expansion.unanswered;
  for (const auto& fault : expansion.faults) means_.notices.Add(fault, owner);
}

void Attempt::Finish() {
  assert(broken_ || plan_.IsDone());
  store_->Cancel();
  end_.changed = plan_.HasChanged();
  finished_(end_);
}

void Attempt::Send(Plan::Task task) {
  courier::Request request;
  std::vector<std::size_t> firsts;
  bool is_large = false;
  try {
    request = MakeRequest(task);
    firsts = AddRecipients(request, task);
    is_large = request.ToText().size() > courier::kMaxPacket;
  } catch (const std::exception& e) {
    means_.log.Step(LOG_ERR, entry_.envelope, std::string(e.what()) + ", retrying");
    end_.lost = true;
    for (const auto item : task.items) plan_.Settle(item, mail::Deferred("4.3.0", e.what()));
    return;
  }
  if (is_large && task.items.size() == 1) {
    ResultLog log(means_.log, entry_.envelope);
    return Settle(task.items.front(),
                  mail::Deferred("4.3.5", "what is asked for this recipient is too long: " +
                                              std::to_string(courier::kMaxPacket) + " octets at most"),
                  log);
  }
  if (is_large) {
    const auto middle = task.items.begin() + static_cast<std::ptrdiff_t>(task.items.size() / 2);
    Send({task.route, {task.items.begin(), middle}});
    Send({task.route, {middle, task.items.end()}});
    return;
  }
  if (MayGo(task)) HandOver(std::move(task), std::move(request), std::move(firsts));
}

void Attempt::HandOver(Plan::Task task, courier::Request request, std::vector<std::size_t> firsts) {
  const auto route = task.route;
  Order order{std::move(request), {}, {}};
  // References are safe: the order lives no longer than its answer, which keeps the attempt.
  order.open = [&store = means_.environment.store, id = entry_.envelope.id] { return store.OpenMessage(id); };
  order.share = entry_.share;
  order.credentials = CredentialsFor(route);
  try {
    walk_.Deliver(shared_from_this(), route, std::move(order), {std::move(task), std::move(firsts)});
  } catch (...) {
    LeaveDestination(route);
    throw;
  }
}

// Else its items are put off, or settled with what is known of the destination.
bool Attempt::MayGo(const Plan::Task& task) {
  if (!means_.environment.couriers.HasRoom(task.route.courier, task.route.uid, entry_.share)) {
    PutOff(task, RoomKey(task.route));
    return false;
  }
  end_.tried |= !task.route.own_relays && task.route.courier != route::Courier::Relay;
  if (task.route.courier != route::Courier::Relay) return true;
  const auto key = Destinations::KeyOf(task.route, Demand());
  const auto verdict = means_.destinations.Ask(key, means_.environment.clock.Now(), entry_.flushed);
  if (std::holds_alternative<Destinations::Busy>(verdict)) {
    PutOff(task, key);
    return false;
  }
  end_.tried = true;
  const auto* const down = std::get_if<Destinations::Down>(&verdict);
  if (!down) return true;
  end_.until = end_.until == mail::Time{} ? down->until : std::min(end_.until, down->until);
  ResultLog log(means_.log, entry_.envelope);
  for (const auto item : task.items) Settle(item, down->result, log);
  return false;
}

std::string Attempt::RoomKey(const route::Route& route) const {
  return route.courier == route::Courier::Relay ? Destinations::KeyOf(route, Demand())
                                                : RoomKey(route.courier, route.uid);
}

void Attempt::PutOff(const Plan::Task& task, const std::string& key) {
  for (const auto item : task.items) plan_.PutOff(item);
  if (std::ranges::count(end_.busy, key, &Busy::key) == 0)
    end_.busy.push_back({key, task.route.courier, task.route.uid});
}

void Attempt::Conclude(const route::Route& route, const Reply& reply) {
  const auto* const first = reply.ResultOf(0);
  if (!first) return LeaveDestination(route);
  if (route.courier == route::Courier::Relay)
    means_.destinations.OnAnswer(Destinations::KeyOf(route, Demand()), reply.unreached, *first,
                                 settings_->queue, means_.environment.clock.Now());
}

// Nobody knows how things are there.
void Attempt::LeaveDestination(const route::Route& route) {
  if (route.courier == route::Courier::Relay)
    means_.destinations.OnLost(Destinations::KeyOf(route, Demand()));
}

courier::Request Attempt::MakeRequest(const Plan::Task& task) const {
  const auto& whole = entry_.envelope;
  courier::Request request;
  if (task.route.courier == route::Courier::Relay) {
    request.relays = DrawRelays(task.route, means_.environment.random);
    request.options = task.route.options;
    request.owner = task.route.owner;
  } else {
    request.destination = task.route.destination;
  }
  request.helo = settings_->mail.hostname;
  request.again = entry_.again;
  request.forward = task.route.forward;
  request.own_relays = task.route.own_relays;
  request.extension = task.route.extension;
  request.alias = task.route.alias;
  request.head = task.route.head + ReceivedField(whole, settings_->mail.hostname);
  auto& part = request.envelope;
  part.id = whole.id;
  part.sender = SenderFor(task.route);
  part.submitter = whole.submitter;
  part.created = whole.created;
  part.message_size = whole.message_size;
  part.body = whole.body;
  part.ret = whole.ret;
  part.envid = whole.envid;
  part.tls = Demand();
  return request;
}

// REQUIRETLS outweighs the message's own header (RFC 8689 section 3).
mail::TlsDemand Attempt::Demand() const noexcept {
  if (entry_.envelope.tls != mail::TlsDemand::None) return entry_.envelope.tls;
  return trace_.IsTlsOptional() ? mail::TlsDemand::Optional : mail::TlsDemand::None;
}

// Only what leaves this machine is masked.
std::string Attempt::SenderFor(const route::Route& route) const {
  const auto is_own = [this](std::string_view domain) { return settings_->IsOwnDomain(domain); };
  return mail::Qualify(
      route.leaves ? mail::Masquerade(route.sender, settings_->mail.masquerade, is_own) : route.sender,
      settings_->mail.domain);
}

// A server gets the address of the end; who delivers here, all addresses that lead there, as they were
// submitted; a command, the first of these.
std::vector<std::size_t> Attempt::AddRecipients(courier::Request& request, const Plan::Task& task) const {
  const auto& whole = entry_.envelope.recipients;
  std::vector<std::size_t> firsts;
  for (const auto item : task.items) {
    const auto recipients = plan_.RecipientsOf(item);
    const bool is_remote = task.route.courier == route::Courier::Relay;
    const bool is_mailbox = task.route.courier == route::Courier::Deliver;
    firsts.push_back(request.envelope.recipients.size());
    for (const auto index : is_mailbox ? recipients : recipients.first(1)) {
      auto& recipient = request.envelope.recipients.emplace_back();
      recipient.address = is_remote ? plan_.EndOf(item).address : whole[index].address;
      recipient.notify = whole[index].notify;
      recipient.original = is_remote ? OriginalOf(whole[index], recipient.address) : whole[index].original;
    }
  }
  return firsts;
}

void Attempt::Apply(const Way::Replied& replied) {
  const auto& task = replied.sent.task;
  const auto& reply = replied.reply;
  if (reply.put_off) {
    LeaveDestination(task.route);
    return PutOff(task, RoomKey(task.route));
  }
  Conclude(task.route, reply);
  // What was not asked for is no answer.
  if (reply.forward && task.route.forward)
    for (const auto item : task.items) Follow(item, *reply.forward);
  else if (reply.own_relays && task.route.own_relays)
    Redirect(task.items, reply);
  else
    Settle(replied.sent, reply);
}

void Attempt::Settle(const Sent& sent, const Reply& reply) {
  const auto& [task, firsts] = sent;
  ResultLog log(means_.log, entry_.envelope);
  for (std::size_t i = 0; i < task.items.size(); ++i) {
    const auto* const result = reply.ResultOf(firsts[i]);
    end_.lost |= !result;
    Settle(task.items[i], result ? *result : WentAway(task.route, reply.fault), log);
  }
  // Over SMTP a line that drops can cause a second copy anyway; a second copy in a mailbox is not taken for
  // granted.
  if (task.route.courier == route::Courier::Relay && entry_.envelope.recipients.size() > kManyRecipients)
    StoreSoon();
  else
    StoreNow();
}

// The result of a place that a private forward file names, as its sender sees it. The log has all of it.
mail::DeliveryResult Attempt::Cover(const route::End& end, mail::DeliveryResult result) const {
  const auto* const route = end.GetRoute();
  const auto& cover = end.lineage->cover;
  const bool is_told = cover.empty() || !route || route->courier == route::Courier::Relay ||
                       (end.address == cover && route->destination == settings_->local.MailboxOf(route->uid));
  if (is_told) return result;
  const auto name = route->courier == route::Courier::Command ? NameOfCommand(route->destination) : "";
  if (!name.empty() && result.text.starts_with(name))
    result.text.replace(0, name.size(), "a command of " + cover);
  else if (result.outcome == mail::Outcome::Delivered)
    result.text = "Delivered to a place of " + cover;
  else
    result.text = "a place that the forward file of " + cover + " names does not take it";
  return result;
}

void Attempt::Settle(std::size_t item, const mail::DeliveryResult& result, ResultLog& log) {
  plan_.Settle(item, Cover(plan_.EndOf(item), result));
  const auto* const route = plan_.EndOf(item).GetRoute();
  // A server's 4.2.0 speaks of a mailbox of its own, not of one that an agent sees.
  if (route && route->courier != route::Courier::Relay)
    means_.environment.couriers.OnResult(route->uid, result);
  for (const auto recipient : plan_.RecipientsOf(item))
    log.Add(entry_.envelope.recipients[recipient].address, plan_.EndOf(item).address, result);
}

void Attempt::Follow(std::size_t item, const courier::Forward& forward) {
  const auto& end = plan_.EndOf(item);
  const Notices::Owner owner{end.GetRoute()->uid, end.user};
  for (const auto& fault : forward.faults) means_.notices.Add(fault, owner);
  if (!plan_.HasRoomBehind(item, forward.destinations.size())) return Refuse(item);
  walk_.Follow(shared_from_this(), settings_, entry_.share, end, forward, {item, owner});
}

void Attempt::Apply(Way::Followed& followed) {
  const auto& [item, owner] = followed.asked;
  const auto count = followed.expansion.ends.size();
  Report(followed.expansion, owner);
  if (!plan_.HasRoomBehind(item, count)) return Refuse(item);
  const auto recipients = plan_.RecipientsOf(item).size();
  records_ -= recipients;
  if (!Lengthen(count * recipients)) return plan_.PutOff(item);
  if (Grow(count)) return additions_.push_back({true, item, std::move(followed.expansion)});
  plan_.PutOff(item);
  end_.crowded = true;
}

void Attempt::Refuse(std::size_t item) {
  ResultLog log(means_.log, entry_.envelope);
  Settle(item, TooManyPlaces(), log);
}

// A forward file can make one recipient thousands. An attempt that is its submitter's only one may always go
// on.
bool Attempt::Grow(std::size_t ends) {
  ends_ += ends;
  const auto weight = WeightOf(ends_);
  if (weight <= entry_.places) return true;
  const auto more = weight - entry_.places;
  auto& attempts = means_.attempts;
  if (attempts.Of(entry_.share) > entry_.places && !attempts.MayTake(entry_.share, more)) {
    entry_.weight = weight;
    return false;
  }
  attempts.Take(entry_.share, more);
  entry_.places = weight;
  return true;
}

// Eighteen octets in the queue can become megabytes: a record for each line of a list, for each recipient
// that leads there. As many as are stored are never too many: what has grown must be able to leave.
// @return false if the submitter's limit leaves no room for them
bool Attempt::Lengthen(std::size_t records) {
  records_ += records;
  if (!entry_.at_limit || records_ <= entry_.records) return true;
  records_ -= records;
  end_.at_limit = true;
  return false;
}

void Attempt::Redirect(const Plan::Items& items, const Reply& reply) {
  const auto& relays = *reply.own_relays;
  const auto& asked = *plan_.EndOf(items.front()).GetRoute();
  for (const auto& fault : relays.faults) means_.notices.Add(fault, {asked.uid, asked.owner});
  if (reply.credentials) credentials_.insert_or_assign(relays.credentials, reply.credentials);
  ResultLog log(means_.log, entry_.envelope);
  for (const auto item : items) {
    const auto where = ApplyUserRelays(relays, plan_.EndOf(item), *settings_);
    if (const auto* const result = std::get_if<mail::DeliveryResult>(&where))
      Settle(item, *result, log);
    else
      plan_.Redirect(item, std::get<route::Route>(where));
  }
  StoreNow();
}

std::shared_ptr<const UniqueFd> Attempt::CredentialsFor(const route::Route& route) const {
  const auto found = credentials_.find(route.credentials);
  return route.owner.empty() || found == credentials_.end() ? nullptr : found->second;
}

// Before anything else is delivered, so that a crash repeats at most what is under way.
void Attempt::StoreNow() {
  if (plan_.IsDone()) return;  // the end of the attempt does it
  const auto& environment = means_.environment;
  const auto start = environment.clock.SinceBoot();
  try {
    environment.store.Update(entry_.envelope, Store::Durability::Now);
  } catch (const std::exception& e) {
    environment.log.Write(
        LOG_ERR, std::string("Failed to store results: ") + e.what() + ", retrying when the attempt ends");
  }
  store_time_ = environment.clock.SinceBoot() - start;
}

// Each time the whole of it is written, so thousands of answers would be thousands of times that.
void Attempt::StoreSoon() {
  if (std::exchange(storing_, true)) return;
  store_->StartAfter(kStoreShare * store_time_);
}

}  // namespace queue
