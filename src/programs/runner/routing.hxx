// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "courier/protocol.hxx"
#include "route/expansion.hxx"
#include "route/tables.hxx"
#include "route/user_database.hxx"

#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace runner {

/// Expands addresses in a thread of its own, since tables and the user database may keep who asks them
/// waiting: a directory service that hangs is not to hold up mail that has been routed.
class Routing {
 public:
  /// @param context where the answers are given
  explicit Routing(asio::io_context& context);
  /// Waits for the lookup that is under way.
  ~Routing();

  using Done = std::function<void(std::vector<route::Expansion>)>;

  /// @param done gets one expansion an address, later, in @p context; an address whose expansion throws is
  /// deferred
  /// @param submitter of the mail to them
  void Expand(const config::Settings& settings, std::vector<std::string> addresses, std::string sender,
              uid_t submitter, Done done);

  /// @param forward what the user's forward file says
  /// @param done gets one expansion
  void Follow(const config::Settings& settings, route::End asked, courier::Forward forward, Done done);

  /// What is wrong with the tables and the user database, as of the last expansion.
  [[nodiscard]] std::vector<std::string> Faults() const;

 private:
  template <typename Work>
  void Run(const config::Settings& settings, Work work, Done done);

  asio::io_context& context_;
  route::UserDatabase users_;  ///< only the thread uses it, as the next one
  route::Tables tables_;
  mutable std::mutex mutex_;
  std::vector<std::string> faults_;  ///< guarded by mutex_
  asio::thread_pool thread_{1};      ///< last: it ends before what it uses
};

}  // namespace runner
