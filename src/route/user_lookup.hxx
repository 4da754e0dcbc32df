// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <variant>

namespace route {

/// The answer of the user database for a name.
struct User {
  std::string name;  ///< as the database writes it
  uid_t uid = 0;
  std::string home{};  ///< as it stands there: maybe relative, empty or missing
};
struct NoUser {};
/// It is not known whether there is such a user; mail waits.
struct LookupFailed {
  std::string why;        ///< a clause that stands alone
  bool is_doubt = false;  ///< there was an answer, which is not believed yet; else there was none
};
using UserFound = std::variant<User, NoUser, LookupFailed>;
using UserLookup = std::function<UserFound(const std::string& name)>;

}  // namespace route
