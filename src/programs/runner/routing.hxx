// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/round_robin.hxx"
#include "queue/router.hxx"
#include "route/tables.hxx"
#include "route/user_database.hxx"

#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace runner {

/// Expands addresses in a thread of its own, since tables and the user database may keep who asks them
/// waiting: a directory service that hangs is not to hold up mail that has been routed. The submitters take
/// turns in it, of kTurn each, so that nobody's many recipients keep others' mail.
class Routing final : public queue::Router {
 public:
  static constexpr std::size_t kMaxEnds = 100000;

  /// @param context where the answers are given
  /// @param max_ends of one Expand; what is behind them is deferred
  explicit Routing(asio::io_context& context, std::size_t max_ends = kMaxEnds);
  /// Waits for the lookup that is under way.
  ~Routing();
  Routing(const Routing&) = delete;
  Routing& operator=(const Routing&) = delete;

  static constexpr std::chrono::milliseconds kTurn{10};  ///< and the address that was begun

  void Expand(queue::Snapshot settings, Question question, Done done) override;
  void Follow(queue::Snapshot settings, uid_t share, route::End asked, courier::Forward forward,
              Done done) override;
  [[nodiscard]] std::vector<std::string> Faults() const override;

 private:
  struct Job;
  void Add(uid_t share, std::unique_ptr<Job> job);

  void TakeTurn();
  [[nodiscard]] bool Work(Job& job);
  void Answer(std::unique_ptr<Job> job);

  asio::io_context& context_;
  const std::size_t max_ends_;
  route::UserDatabase users_;  ///< only the thread uses it, as the next one
  route::Tables tables_;
  mutable std::mutex mutex_;
  std::vector<std::string> faults_;               ///< guarded by mutex_
  RoundRobin<uid_t, std::unique_ptr<Job>> jobs_;  ///< guarded by mutex_
  asio::thread_pool thread_{1};                   ///< last: it ends before what it uses
};

}  // namespace runner
