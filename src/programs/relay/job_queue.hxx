// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/job.hxx"

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace relay {

/// Jobs that wait for a connection. Those who submitted them (Request::share) take turns, so that nobody's
/// many keep another's one waiting.
class JobQueue {
 public:
  [[nodiscard]] std::size_t Size() const noexcept { return size_; }
  [[nodiscard]] bool IsEmpty() const noexcept { return size_ == 0; }

  void Add(std::unique_ptr<Job> job) {
    jobs_[ShareOf(*job)].push_back(std::move(job));
    ++size_;
  }
  /// One that has been taken before others: it is the next one of all.
  void AddAgain(std::unique_ptr<Job> job) {
    turn_ = ShareOf(*job);
    jobs_[*turn_].push_front(std::move(job));
    ++size_;
  }
  /// Null if there is none.
  [[nodiscard]] std::unique_ptr<Job> Take() {
    if (IsEmpty()) return nullptr;
    auto next = turn_ ? jobs_.lower_bound(*turn_) : jobs_.begin();
    if (next == jobs_.end()) next = jobs_.begin();
    auto job = std::move(next->second.front());
    next->second.pop_front();
    const auto behind = std::next(next);
    turn_ = behind == jobs_.end() ? std::nullopt : std::optional(behind->first);
    if (next->second.empty()) jobs_.erase(next);
    --size_;
    return job;
  }
  /// All of them, in the order of their turns.
  [[nodiscard]] std::vector<std::unique_ptr<Job>> TakeAll() {
    std::vector<std::unique_ptr<Job>> all;
    all.reserve(size_);
    while (auto job = Take()) all.push_back(std::move(job));
    return all;
  }

 private:
  [[nodiscard]] static uid_t ShareOf(const Job& job) noexcept { return job.request.share; }

  std::map<uid_t, std::deque<std::unique_ptr<Job>>> jobs_;  // by share; none is empty
  std::optional<uid_t> turn_;  // whose turn it is, or whoever follows; empty: the first one's
  std::size_t size_ = 0;
};

}  // namespace relay
