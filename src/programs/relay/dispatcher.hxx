// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/activity.hxx"
#include "programs/relay/hold_board.hxx"
#include "programs/relay/job.hxx"
#include "programs/relay/network.hxx"
#include "programs/relay/pool.hxx"

#include <asio/any_io_executor.hpp>

#include <map>
#include <memory>
#include <string>

namespace relay {

/// Gives each request to the pool of its identity.
class Dispatcher {
 public:
  /// @param activity outlives the dispatcher
  /// @param parameters of all pools
  Dispatcher(asio::any_io_executor executor, Activity& activity, const Parameters& parameters = {})
      : executor_(std::move(executor)), parameters_(parameters), network_(executor_), holds_(activity) {}

  /// Answers at once what can't be delivered at all.
  void Add(std::unique_ptr<Job> job);
  /// Takes nothing more, drops what waits, lets the transactions under way end.
  void Stop();
  /// The transactions under way have ended.
  [[nodiscard]] bool IsStopped() const noexcept;

 private:
  Pool& FindPool(Identity identity);

  asio::any_io_executor executor_;
  const Parameters parameters_;
  Network network_;
  HoldBoard holds_;
  std::map<std::string, std::shared_ptr<Pool>> pools_;  // by Identity::Key
};

}  // namespace relay
