// SPDX-License-Identifier: BSD-2-Clause
#include "support/stored_names.hxx"

#include "support/simulated_inode.hxx"

#include <algorithm>
#include <cstddef>
#include <set>

bool InodeOrder::operator()(const InodePtr& a, const InodePtr& b) const noexcept {
  return a->serial < b->serial;
}

bool StoredNames::PlaceOrder::operator()(const Place& a, const Place& b) const noexcept {
  if (a.first != b.first) return InodeOrder()(a.first, b.first);
  return a.second < b.second;
}

void StoredNames::Store(const std::function<bool(const Edit&)>& is_stored) {
  std::vector<bool> chosen;
  chosen.reserve(changes_.size());
  for (const auto& change : changes_) chosen.push_back(std::ranges::any_of(change, is_stored));
  Store(std::move(chosen));
}

void StoredNames::Cut(std::mt19937_64& random, bool in_order) {
  const auto beginning = random() % (changes_.size() + 1);
  std::vector<bool> chosen;
  chosen.reserve(changes_.size());
  for (std::size_t i = 0; i < changes_.size(); ++i)
    chosen.push_back(in_order ? i < beginning : random() % 2 == 0);
  Store(std::move(chosen));
  changes_.clear();
}

void StoredNames::Store(std::vector<bool> chosen) {
  std::set<Place, PlaceOrder> places;
  for (std::size_t i = changes_.size(); i-- > 0;) {
    const auto is_among = [&](const Edit& edit) { return places.contains(edit.place); };
    if (!chosen[i] && std::ranges::none_of(changes_[i], is_among)) continue;
    chosen[i] = true;
    for (const auto& edit : changes_[i]) places.insert(edit.place);
  }
  std::vector<Change> rest;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (!chosen[i])
      rest.push_back(std::move(changes_[i]));
    else
      for (const auto& edit : changes_[i]) stored_[edit.place] = edit.inode;
  }
  std::erase_if(stored_, [](const auto& entry) { return !entry.second; });
  changes_ = std::move(rest);
}
