// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bus/route_line.hxx"
#include "config/settings.hxx"
#include "programs/runner/couriers.hxx"
#include "programs/runner/routing.hxx"

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace runner {

/// Finds out where addresses lead, as an attempt would, but for delivering anything.
class Explanation : public std::enable_shared_from_this<Explanation> {
 public:
  using Done = std::function<void(std::vector<bus::RouteLine>)>;

  static constexpr std::size_t kMaxLines = 10000;         ///< one of them says then that there are more
  static constexpr std::size_t kMaxOctets = 1024 * 1024;  ///< of them, likewise

  /// @param reader the only user whose forward file is told, and who submits mail to the addresses; empty:
  /// everybody's, and root does
  /// @param share whose turns it takes in being routed
  /// @param gone says when nobody waits for it any more: then it asks no further questions
  /// @param done called once, never from within Start
  Explanation(config::Settings settings, Routing& routing, Couriers& couriers, std::optional<uid_t> reader,
              uid_t share, std::stop_token gone, Done done);

  /// @param sender of the mail to the addresses; empty: the null sender
  void Start(std::string sender, std::vector<std::string> addresses);

 private:
  using Lines = std::list<bus::RouteLine>;

  /// @param depth of what lies below the addresses
  void OnExpanded(Lines::iterator before, unsigned depth, const std::vector<route::Expansion>& expansions);
  void Add(Lines::iterator before, const route::Step& step, const route::Expansion& expansion);
  Lines::iterator Insert(Lines::iterator before, bus::RouteLine line);
  [[nodiscard]] bool IsFull() const noexcept { return lines_.size() >= kMaxLines || octets_ >= kMaxOctets; }
  void AddFaults(Lines::iterator before, unsigned depth, const std::vector<std::string>& faults,
                 const char* consequence);
  void Ask(Lines::iterator line, const route::End& end);
  void OnReply(Lines::iterator line, const route::End& end, const Reply& reply);
  void OnForward(Lines::iterator line, const std::vector<std::string>& faults,
                 const std::vector<route::Expansion>& expansions);
  void AskRelays(Lines::iterator line, const route::End& end);
  void OnRelays(Lines::iterator line, const route::End& end, const Reply& reply);
  void OnStepDone();

  const config::Settings settings_;
  Routing& routing_;
  Couriers& couriers_;
  std::optional<uid_t> reader_;
  uid_t share_;
  std::stop_token gone_;
  Done done_;
  Lines lines_;
  std::size_t octets_ = 0;  ///< of lines_
  std::size_t open_ = 0;    ///< questions under way
};

}  // namespace runner
