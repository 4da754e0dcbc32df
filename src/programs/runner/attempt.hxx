// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "programs/runner/couriers.hxx"
#include "programs/runner/entry.hxx"
#include "route/router.hxx"
#include "spool/queue.hxx"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace runner {

/// One attempt to deliver a message to all of its recipients that are not settled: each is routed, those of
/// one route share a request, and every result is written into the envelope as it comes.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  /// @param lost a courier went away: for some recipients it is not known what it did
  using Finished = std::function<void(bool lost)>;

  /// @param entry outlives the attempt
  Attempt(Entry& entry, const spool::Queue& queue, const config::Settings& settings, Couriers& couriers,
          Finished finished);

  /// Finished is called once, perhaps from within this call.
  void Start();

 private:
  using Indices = std::vector<std::size_t>;  ///< of recipients in the envelope

  [[nodiscard]] std::map<route::Route, Indices> RouteAll();
  void Send(const route::Route& route, Indices recipients);
  [[nodiscard]] courier::Request MakeRequest(const route::Route& route, const Indices& recipients) const;
  void OnResults(const Indices& recipients, const Results& results);
  void Record(std::size_t index, const mail::DeliveryResult& result);

  Entry& entry_;
  const spool::Queue& queue_;
  std::string hostname_;
  route::Router router_;
  Couriers& couriers_;
  Finished finished_;
  std::size_t under_way_ = 0;
  bool lost_ = false;
};

}  // namespace runner
