// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/relay_report.hxx"
#include "queue/environment.hxx"
#include "queue/explanation.hxx"
#include "queue/notices.hxx"
#include "queue/scheduler.hxx"

#include <sys/types.h>

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace queue {

/// Answers questions about the queue and the way of its mail. It changes nothing.
class Inspector {
 public:
  /// @param environment what is in it outlives this
  /// @param router says where addresses lead. It is another one than mail has, which so waits for nobody who
  /// asks; outlives this
  /// @param scheduler outlives this
  Inspector(Environment environment, Router& router, const Scheduler& scheduler)
      : environment_(std::move(environment)), router_(router), scheduler_(scheduler) {}

  /// Tells where addresses lead; see Explanation.
  /// @param share whose turns it takes in being routed
  void Explain(std::string sender, std::vector<std::string> addresses, std::optional<uid_t> reader,
               uid_t share, std::stop_token gone, Explanation::Done done);
  /// Has relays tested; see MakeProbe, which throws.
  /// @param done called once, later, with nothing if the relay's process went away
  void TestRelay(const std::string& name, std::function<void(std::vector<mail::RelayReport>)> done);
  /// What was found wrong in tables, aliases and forward files.
  [[nodiscard]] std::vector<std::string> Warnings(const Reader& reader) const;

 private:
  Environment environment_;
  Router& router_;
  const Scheduler& scheduler_;
};

}  // namespace queue
