// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "courier/protocol.hxx"
#include "programs/runner/round_robin.hxx"
#include "route/expansion.hxx"
#include "route/tables.hxx"
#include "route/user_database.hxx"

#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace runner {

/// Expands addresses in a thread of its own, since tables and the user database may keep who asks them
/// waiting: a directory service that hangs is not to hold up mail that has been routed. The submitters take
/// turns in it, of kTurn each, so that nobody's many recipients keep others' mail.
class Routing {
 public:
  static constexpr std::size_t kMaxEnds = 100000;

  /// @param context where the answers are given
  /// @param max_ends of one Expand; what is behind them is deferred
  explicit Routing(asio::io_context& context, std::size_t max_ends = kMaxEnds);
  /// Waits for the lookup that is under way.
  ~Routing();

  static constexpr std::chrono::milliseconds kTurn{10};  ///< and the address that was begun

  using Done = std::function<void(std::vector<route::Expansion>)>;

  /// @param done gets one expansion an address, later, in @p context; an address whose expansion throws is
  /// deferred
  /// @param share whose turns it takes: see Submitters
  /// @param submitter of the mail to them
  /// @param gone when nobody waits for it any more, what has been expanded by then is the answer
  void Expand(const config::Settings& settings, uid_t share, std::vector<std::string> addresses,
              std::string sender, uid_t submitter, Done done, std::stop_token gone = {});

  /// @param share as above
  /// @param forward what the user's forward file says
  /// @param done gets one expansion
  void Follow(const config::Settings& settings, uid_t share, route::End asked, courier::Forward forward,
              Done done);

  /// What is wrong with the tables and the user database, as of the last expansion.
  [[nodiscard]] std::vector<std::string> Faults() const;

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
