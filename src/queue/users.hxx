// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>

namespace queue {

/// The user database, which may take its time.
class Users {
 public:
  /// @param is_user whether there is a user with the uid; empty: that can't be found out
  using Found = std::function<void(std::optional<bool> is_user)>;

  /// @param found called once, later, never from within this call
  virtual void LookUp(uid_t uid, Found found) = 0;

 protected:
  ~Users() = default;
};

}  // namespace queue
