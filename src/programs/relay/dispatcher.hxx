// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "paths.h"
#include "programs/relay/activity.hxx"
#include "programs/relay/hold_board.hxx"
#include "programs/relay/job.hxx"
#include "programs/relay/network.hxx"
#include "programs/relay/pool.hxx"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace relay {

/// Gives each request to the pool of its first relay, and to that of the next one when nothing could be
/// handed to the one before it.
class Dispatcher {
 public:
  static constexpr std::size_t kMaxPoolsOfOwner = 50;  ///< different relays of one user at a time

  /// @param activity outlives the dispatcher
  /// @param config the directory of the configuration
  /// @param many_connections as Network::kManyConnections
  Dispatcher(asio::any_io_executor executor, Activity& activity, std::string config = MAILQUEUE_CONFDIR,
             std::size_t many_connections = Network::kManyConnections)
      : executor_(std::move(executor)), network_(executor_, {}, std::move(config)), holds_(activity) {
    network_.many_connections = many_connections;
  }

  /// The key that users' agents seal their choices to.
  [[nodiscard]] const crypto::Key& Key() const noexcept { return network_.choices.Key(); }
  /// Answers at once what can't be delivered at all.
  void Add(std::unique_ptr<Job> job);
  /// Takes nothing more, drops what waits, lets the transactions under way end.
  void Stop();
  /// The transactions under way have ended.
  [[nodiscard]] bool IsStopped() const noexcept;

 private:
  [[nodiscard]] std::optional<mail::DeliveryResult> OpenChoice(Job& job);
  asio::awaitable<void> RunProbe(std::unique_ptr<Job> job);
  [[nodiscard]] std::optional<mail::DeliveryResult> FindFault(const Job& job, const std::string& url);
  void GiveToNext(std::unique_ptr<Job> job);
  [[nodiscard]] std::optional<Identity> NextIdentity(Job& job, mail::DeliveryResult& fault);
  [[nodiscard]] bool IsCrowded(const Identity& identity) const;
  std::shared_ptr<Pool> FindPool(Identity identity, const Parameters& parameters);

  asio::any_io_executor executor_;
  Network network_;
  HoldBoard holds_;
  // By Identity::Key. One that can't be reached is kept for Pool::kShunFactor times as long as finding that
  // out took, so there are at most that many times RunnerLink::kMaxRequests of them, and those in use.
  std::map<std::string, std::shared_ptr<Pool>> pools_;
  bool stopped_ = false;
};

}  // namespace relay
