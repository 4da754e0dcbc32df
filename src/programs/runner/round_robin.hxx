// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <utility>

namespace runner {

/// Jobs of several owners, who take turns: however many jobs one has, each other's next one waits for at most
/// one turn of everybody. The jobs of one owner stay in order.
template <typename Owner, typename Job>
class RoundRobin {
 public:
  void Add(const Owner& owner, Job job) { jobs_[owner].push_back(std::move(job)); }

  [[nodiscard]] bool IsEmpty() const noexcept { return jobs_.empty(); }

  struct Turn {
    Owner owner;
    Job job;
  };
  /// The next job of the owner whose turn it is. There must be one.
  [[nodiscard]] Turn Take() {
    auto next = has_turn_ ? jobs_.upper_bound(last_) : jobs_.begin();
    if (next == jobs_.end()) next = jobs_.begin();
    last_ = next->first;
    has_turn_ = true;
    Turn turn{next->first, std::move(next->second.front())};
    next->second.pop_front();
    if (next->second.empty()) jobs_.erase(next);
    return turn;
  }

  /// Back to the front of its owner's jobs: their next turn goes on with it.
  void PutBack(Turn turn) { jobs_[turn.owner].push_front(std::move(turn.job)); }

 private:
  std::map<Owner, std::deque<Job>> jobs_;  ///< none of them is empty
  Owner last_{};                           ///< whose turn was the last
  bool has_turn_ = false;                  ///< there was one
};

}  // namespace runner
