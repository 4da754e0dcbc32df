// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "courier/protocol.hxx"
#include "queue/settings_source.hxx"
#include "route/expansion.hxx"

#include <sys/types.h>

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace queue {

/// Finds out where addresses lead, through tables, aliases and the user database. That may take its time.
class Router {
 public:
  using Done = std::function<void(std::vector<route::Expansion>)>;

  /// Addresses of a message, which have something in common.
  struct Question {
    uid_t share;  ///< whose turns it takes: see Submitters
    std::vector<std::string> addresses;
    std::string sender;  ///< of the mail to them; empty: the null sender
    uid_t submitter;     ///< of the mail to them
    /// When nobody waits for the answer any more, what is known by then is the answer.
    std::stop_token gone{};
  };
  /// @param done gets one expansion an address, in their order; an address whose expansion fails is deferred.
  /// Called once, later, never from within this call
  virtual void Expand(Snapshot settings, Question question, Done done) = 0;

  /// @param share as above
  /// @param asked an end whose courier has found a forward file
  /// @param forward what the file says
  /// @param done gets one expansion. Called once, later, never from within this call
  virtual void Follow(Snapshot settings, uid_t share, route::End asked, courier::Forward forward,
                      Done done) = 0;

  /// What is wrong with tables and user database, as of the last expansion.
  [[nodiscard]] virtual std::vector<std::string> Faults() const = 0;

 protected:
  ~Router() = default;
};

}  // namespace queue
