// SPDX-License-Identifier: BSD-2-Clause
#include "queue/drop_board.hxx"

#include <algorithm>
#include <iterator>
#include <utility>

namespace queue {

void DropBoard::Add(const std::string& name, const Status& status, uid_t share) {
  if (Insert(name, status, share)) ready_[share].push_back(name);
}

void DropBoard::AddDelayed(const std::string& name, uid_t share, std::string why, BootTime now) {
  if (Insert(name, {}, share)) Delay(name, std::move(why), now);
}

// @return false if it is known already, or there is no room
bool DropBoard::Insert(const std::string& name, const Status& status, uid_t share) {
  if (drops_.contains(name)) return false;
  auto& count = counts_[share];
  if (count >= kMaxOfShare || (drops_.size() >= kMax && count > 0)) {
    more_.insert(share);
    return false;
  }
  ++count;
  drops_.emplace(name, Known{status, share});
  return true;
}

void DropBoard::Promote(BootTime now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const auto name = std::move(delayed_.extract(delayed_.begin()).value().second);
    auto& known = drops_.at(name);
    known.due.reset();
    ready_[known.share].push_back(name);
  }
}

std::optional<std::string> DropBoard::Next(BootTime now, const May& may) {
  Promote(now);
  auto turn = ready_.upper_bound(last_);
  for (std::size_t i = ready_.size(); i > 0; --i, ++turn) {
    if (turn == ready_.end()) turn = ready_.begin();
    auto& [share, names] = *turn;
    if (!may(names.front(), drops_.at(names.front()).status)) continue;
    last_ = share;
    auto name = std::move(names.front());
    names.pop_front();
    if (names.empty()) ready_.erase(turn);
    return name;
  }
  return std::nullopt;
}

void DropBoard::Remove(const std::string& name) {
  const auto found = drops_.find(name);
  if (found == drops_.end()) return;
  Uncount(found->second.share);
  drops_.erase(found);
}

void DropBoard::Uncount(uid_t share) {
  const auto count = counts_.find(share);
  if (--count->second == 0) counts_.erase(count);
}

void DropBoard::Move(uid_t owner, uid_t from, uid_t to) {
  for (auto& [name, known] : drops_) {
    if (known.status.owner != owner || known.share != from) continue;
    Uncount(std::exchange(known.share, to));
    ++counts_[to];
  }
  const auto names = ready_.find(from);
  if (names == ready_.end()) return;
  const auto stays = [&](const std::string& name) { return drops_.at(name).share == from; };
  const auto moved = std::stable_partition(names->second.begin(), names->second.end(), stays);
  if (moved == names->second.end()) return;
  auto& others = ready_[to];
  others.insert(others.end(), std::make_move_iterator(moved), std::make_move_iterator(names->second.end()));
  names->second.erase(moved, names->second.end());
  if (names->second.empty()) ready_.erase(names);
}

void DropBoard::Delay(const std::string& name, std::string why, BootTime now) {
  const auto found = drops_.find(name);
  if (found == drops_.end()) return;
  auto& known = found->second;
  BootScale::duration delay = kFirstDelay;
  for (unsigned i = 0; i < known.failures && delay < kLastDelay; ++i) delay *= 2;
  ++known.failures;
  known.why = std::move(why);
  known.due = now + std::min<BootScale::duration>(delay, kLastDelay);
  delayed_.emplace(*known.due, name);
}

void DropBoard::Hasten() {
  Promote(BootTime::max());
}

std::optional<queue::BootTime> DropBoard::NextDue() const {
  if (delayed_.empty()) return std::nullopt;
  return delayed_.begin()->first;
}

bool DropBoard::WantsMore() const {
  // With half of the room, so that looking again is worth it.
  return drops_.size() < kMax / 2 && std::ranges::any_of(more_, [this](uid_t share) {
           const auto count = counts_.find(share);
           return count == counts_.end() || count->second < kMaxOfShare / 2;
         });
}

void DropBoard::List(std::string_view after, BootTime now,
                     const std::function<bool(const Waiting&)>& take) const {
  constexpr BootScale::duration kNone{0};
  for (auto next = drops_.upper_bound(std::string(after)); next != drops_.end(); ++next) {
    const auto& [name, known] = *next;
    const auto left = known.due ? std::max(*known.due - now, kNone) : kNone;
    if (!take({name, known.status, known.failures, known.why, left})) return;
  }
}

}  // namespace queue
