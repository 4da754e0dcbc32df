// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/users.hxx"

#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include <sys/types.h>

#include <functional>

namespace runner {

/// Asks the user database in a thread of its own, since it may keep who asks waiting.
class UserLookups final : public queue::Users {
 public:
  /// Whether there is a user with this uid; may wait, and throw if that can't be found out. Called in the
  /// thread.
  using Find = std::function<bool(uid_t)>;

  /// @param context where the answers are given
  UserLookups(asio::io_context& context, Find find);
  /// Waits for the look-up that is under way.
  ~UserLookups();
  UserLookups(const UserLookups&) = delete;
  UserLookups& operator=(const UserLookups&) = delete;

  void LookUp(uid_t uid, Found found) override;

 private:
  asio::io_context& context_;
  Find find_;
  asio::thread_pool thread_{1};  ///< last: it ends before what it uses
};

}  // namespace runner
