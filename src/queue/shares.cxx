// SPDX-License-Identifier: BSD-2-Clause
#include "queue/shares.hxx"

#include <algorithm>

namespace queue {

std::size_t Shares::Of(uid_t user) const noexcept {
  const auto found = of_.find(user);
  return found == of_.end() ? 0 : found->second;
}

std::size_t Shares::FreeFor(uid_t user) const noexcept {
  const auto kept = user == 0 ? 0 : roots_ - std::min(roots_, Of(0));
  return places_ - std::min(places_, taken_ + kept);
}

bool Shares::MayTake(uid_t user, std::size_t weight) const noexcept {
  const auto own = Of(user);
  if (user == 0 && roots_ > 0 && (own == 0 || own + weight <= roots_)) return true;
  const auto free = FreeFor(user);
  return own == 0 ? free > 0 : own + weight <= free;
}

void Shares::Take(uid_t user, std::size_t weight) {
  of_[user] += weight;
  taken_ += weight;
}

void Shares::GiveBack(uid_t user, std::size_t weight) noexcept {
  const auto found = of_.find(user);
  taken_ -= weight;
  found->second -= weight;
  if (found->second == 0) of_.erase(found);
}

}  // namespace queue
