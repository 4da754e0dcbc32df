// SPDX-License-Identifier: BSD-2-Clause
#include "queue/plan.hxx"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace queue {

namespace {

// An end that is its recipient and nothing else needs no record of its own. A user's mailbox has one where
// other recipients of the message might lead there, too.
bool StandsForItself(const route::End& end, const mail::Envelope& envelope) noexcept {
  return end.lineage->depth == 0 && (end.user.empty() || envelope.recipients.size() == 1);
}

const std::string& SenderOf(const route::End& end) noexcept {
  const auto* const route = end.GetRoute();
  return route ? route->sender : end.lineage->sender;
}

std::size_t SizeOf(const route::End& end, const std::string& place, const mail::Envelope& envelope) {
  if (StandsForItself(end, envelope)) return 0;
  return mail::End{place, end.AddressForOthers(), SenderOf(end), {}, false}.StoredSize();
}

// Stands for all that a recipient leads to beyond the limits. Not the key of a place.
mail::End RestOf(const mail::Recipient& recipient, const mail::Envelope& envelope) {
  return {"rest", recipient.address, envelope.sender, TooManyPlaces(), false};
}

// The worst of them speaks for all.
mail::DeliveryResult SumOf(const std::vector<mail::End>& ends) {
  for (const auto outcome : {mail::Outcome::Deferred, mail::Outcome::Failed})
    for (const auto& end : ends)
      if (end.result && end.result->outcome == outcome) return *end.result;
  if (ends.size() == 1) return *ends.front().result;
  return mail::Delivered("2.0.0", "Delivered to " + std::to_string(ends.size()) + " places");
}

}  // namespace

mail::DeliveryResult TooManyPlaces() {
  return mail::Deferred(
      "4.3.5", "the recipients of this message lead to too many places together, more than " +
                   std::to_string(Plan::kMaxWays) + " or with too long names: send it to fewer at once");
}

Plan::Plan(mail::Envelope& envelope, std::size_t max_ways, std::size_t max_size)
    : envelope_(envelope),
      max_ways_(max_ways),
      max_size_(max_size),
      unanswered_(envelope.recipients.size()),
      recorded_(envelope.recipients.size()),
      put_off_(envelope.recipients.size()),
      full_(envelope.recipients.size()) {
  for (std::size_t index = 0; index < envelope_.recipients.size(); ++index) {
    auto& recipient = envelope_.recipients[index];
    for (const auto& end : recipient.ends)
      if (end.IsSettled()) places_[end.key].served = end.result;
    if (recipient.ends.empty() && recipient.IsSettled())
      places_[route::RemoteKey(recipient.address)].served = recipient.result;
    // Where it leads is found out anew: what it does not lead to any more is forgotten.
    std::erase_if(recipient.ends, [](const auto& end) { return !end.IsSettled(); });
    for (std::size_t i = 0; i < recipient.ends.size(); ++i) {
      recorded_[index].emplace(recipient.ends[i].key, i);
      size_ += recipient.ends[i].StoredSize();
    }
    if (!recipient.IsSettled()) size_ += RestOf(recipient, envelope_).StoredSize();
  }
}

// For one more end; what is recorded is counted already.
bool Plan::HasRoom(std::size_t recipient, const std::string& place, std::size_t size) const {
  if (attached_.size() >= max_ways_) return false;
  return size_ + size <= max_size_ || recorded_[recipient].contains(place);
}

void Plan::AddEnd(std::size_t recipient, const route::End& end) {
  if (const auto index = FindOrInsert(end, {&recipient, 1}))
    Attach(recipient, *index);
  else
    full_[recipient] = true;
}

void Plan::FinishAdding(std::size_t recipient, bool leads_nowhere) {
  if (--unanswered_[recipient] == 0 && !leads_nowhere) SumUp(recipient);
  if (!leads_nowhere) return;
  auto& whole = envelope_.recipients[recipient];
  changed_ = true;
  // What an earlier attempt has settled stays so.
  whole.result = whole.ends.empty() ? mail::Failed("5.1.1", "the address leads to nobody: its list is empty")
                                    : SumOf(whole.ends);
}

// Empty: there is room for it for none of these recipients. Nothing is attempted that is nobody's.
std::optional<std::size_t> Plan::FindOrInsert(const route::End& end,
                                              std::span<const std::size_t> recipients) {
  auto key = end.Key();
  if (const auto found = by_key_.find(key); found != by_key_.end()) return found->second;
  auto place_key = end.PlaceKey();
  const auto size = SizeOf(end, place_key, envelope_);
  const auto has_room = [&](std::size_t recipient) { return HasRoom(recipient, place_key, size); };
  if (std::ranges::none_of(recipients, has_room)) return std::nullopt;
  const std::size_t index = items_.size();
  by_key_.emplace(std::move(key), index);
  auto& item = items_.emplace_back();
  item.end = end;
  item.place = std::move(place_key);
  item.size = size;
  ++open_;
  auto& place = places_[item.place];
  if (const auto* result = std::get_if<mail::DeliveryResult>(&end.where)) {
    Finish(index, *result);
  } else if (place.served && !end.AsksForward()) {
    Finish(index, *place.served);
  } else {
    if (end.AsksForward()) {
      ++place.questions;
      ++questions_;
    }
    ready_.push_back(index);
  }
  return index;
}

void Plan::Attach(std::size_t recipient, std::size_t index) {
  auto& item = items_[index];
  if (attached_.contains({index, recipient})) return;
  if (!HasRoom(recipient, item.place, item.size)) {
    full_[recipient] = true;
    return;
  }
  attached_.emplace(index, recipient);
  if (!recorded_[recipient].contains(item.place)) size_ += item.size;
  item.recipients.push_back(recipient);
  if (item.state == State::Replacing) ++unanswered_[recipient];
  if (item.state == State::Replacing || item.state == State::Replaced) {
    for (const auto child : Items(item.children)) Attach(recipient, child);
  } else if (item.state == State::Settled) {
    Record(recipient, item);
  } else if (item.state == State::PutOff) {
    put_off_[recipient] = true;
  } else {
    ++unanswered_[recipient];
  }
}

std::vector<Plan::Task> Plan::TakeReady() {
  std::map<route::Route, Items> routes;
  std::vector<Task> tasks;
  for (std::size_t taken = 0; taken < kMaxTaken && (!ready_.empty() || WakeCommand());) {
    const auto index = ready_.front();
    ready_.pop_front();
    auto& item = items_[index];
    if (item.state != State::Waiting || MustWait(index)) continue;
    Begin(index);
    ++taken;
    const auto& route = *item.end.GetRoute();
    if (route.courier == route::Courier::Command)
      tasks.push_back({route, {index}});
    else
      routes[route].push_back(index);
  }
  for (auto& [route, items] : routes) tasks.push_back({route, std::move(items)});
  return tasks;
}

// An item that must wait is noted at the place that it waits for, so that the end of that wakes it without a
// search through all items.
bool Plan::MustWait(std::size_t index) {
  const auto& end = items_[index].end;
  auto& place = places_.at(items_[index].place);
  if (end.AsksForward()) {
    if (place.under_way > 0) place.waiting_questions.push_back(index);
    return place.under_way > 0;
  }
  if (place.under_way > 0 || place.questions > 0) {
    place.waiting = index;
    return true;
  }
  switch (end.GetRoute()->courier) {
    case route::Courier::Command:
      if (commands_ > 0) waiting_commands_.push_back(index);
      return commands_ > 0;
    case route::Courier::Relay:
      // A server of mailboxes gets all of its users at once.
      if (end.user.empty() || questions_ == 0) return false;
      waiting_users_.push_back(index);
      return true;
    case route::Courier::Deliver:
      break;
  }
  return false;
}

// One at a time: it may have to wait for something else, and then the next one can go.
bool Plan::WakeCommand() {
  if (commands_ > 0 || waiting_commands_.empty()) return false;
  ready_.push_back(waiting_commands_.front());
  waiting_commands_.pop_front();
  return true;
}

void Plan::Begin(std::size_t index) {
  auto& item = items_[index];
  auto& place = places_.at(item.place);
  item.state = State::UnderWay;
  ++place.under_way;
  auto& route = std::get<route::Route>(item.end.where);
  if (route.courier == route::Courier::Command) ++commands_;
  // The mailbox has its copy: only what the forward file says is still of interest.
  if (route.forward && place.served) route.destination.clear();
}

void Plan::Conclude(std::size_t index) {
  const auto& item = items_[index];
  auto& place = places_.at(item.place);
  --place.under_way;
  if (item.end.AsksForward()) {
    --place.questions;
    --questions_;
  }
  if (item.end.GetRoute()->courier == route::Courier::Command) --commands_;
  if (questions_ == 0) std::ranges::move(std::exchange(waiting_users_, {}), std::back_inserter(ready_));
  if (place.under_way > 0) return;
  if (!place.waiting_questions.empty()) {
    ready_.push_back(place.waiting_questions.front());
    place.waiting_questions.pop_front();
  } else if (place.questions == 0 && place.waiting) {
    ready_.push_back(*std::exchange(place.waiting, std::nullopt));
  }
}

void Plan::Settle(std::size_t index, const mail::DeliveryResult& result) {
  assert(items_[index].state == State::UnderWay);
  Conclude(index);
  Finish(index, result);
  if (result.outcome == mail::Outcome::Delivered) SettlePlace(items_[index]);
}

void Plan::PutOff(std::size_t index) {
  assert(items_[index].state == State::UnderWay);
  Conclude(index);
  auto& item = items_[index];
  item.state = State::PutOff;
  --open_;
  for (const auto recipient : item.recipients) {
    put_off_[recipient] = true;
    --unanswered_[recipient];
  }
}

// Whatever else leads to the same place has got there, too.
void Plan::SettlePlace(const Item& item) {
  places_.at(item.place).served = item.result;
  const auto found = by_key_.find(item.place);
  if (found != by_key_.end() && items_[found->second].state == State::Waiting)
    Finish(found->second, item.result);
}

void Plan::ReplaceBy(std::size_t index, const route::End& end) {
  const auto child = FindOrInsert(end, items_[index].recipients);
  auto& item = items_[index];
  if (child) item.children.push_back(*child);
  for (const auto recipient : item.recipients) {
    if (child)
      Attach(recipient, *child);
    else
      full_[recipient] = true;
  }
}

void Plan::FinishReplacing(std::size_t index) {
  Conclude(index);
  --open_;
  items_[index].state = State::Replaced;
  for (const auto recipient : items_[index].recipients)
    if (--unanswered_[recipient] == 0) SumUp(recipient);
}

void Plan::Redirect(std::size_t index, route::Route route) {
  Conclude(index);
  auto& item = items_[index];
  item.end.where = std::move(route);
  item.state = State::Waiting;
  ready_.push_back(index);
}

void Plan::Finish(std::size_t index, const mail::DeliveryResult& result) {
  auto& item = items_[index];
  item.state = State::Settled;
  item.result = result;
  --open_;
  for (const auto recipient : item.recipients) {
    Record(recipient, item);
    if (--unanswered_[recipient] == 0) SumUp(recipient);
  }
}

void Plan::Record(std::size_t index, const Item& item) {
  changed_ = true;
  auto& recipient = envelope_.recipients[index];
  // Beside what an earlier attempt has settled it is one end of several: the sum is made of all of them.
  if (StandsForItself(item.end, envelope_) && recipient.ends.empty()) {
    recipient.result = item.result;
    return;
  }
  const auto [found, is_new] = recorded_[index].emplace(item.place, recipient.ends.size());
  auto& end = is_new ? recipient.ends.emplace_back() : recipient.ends[found->second];
  end.key = item.place;
  end.address = item.end.AddressForOthers();
  end.sender = SenderOf(item.end);
  end.result = item.result;
}

void Plan::RecordRest(std::size_t index) {
  auto& recipient = envelope_.recipients[index];
  auto rest = RestOf(recipient, envelope_);
  if (recorded_[index].emplace(rest.key, recipient.ends.size()).second)
    recipient.ends.push_back(std::move(rest));
}

void Plan::SumUp(std::size_t index) {
  if (put_off_[index]) return;  // there is no sum yet
  changed_ = true;
  if (full_[index]) RecordRest(index);
  auto& recipient = envelope_.recipients[index];
  if (!recipient.ends.empty())
    recipient.result = SumOf(recipient.ends);
  else if (!recipient.result)
    recipient.result = mail::Deferred("4.3.5", "the forward file leads to nobody");
}

}  // namespace queue
