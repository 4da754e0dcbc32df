// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace submit {

/// The name and address that a user has for the readers of their mail.
struct Identity {
  std::string user;       ///< login name; never empty
  std::string full_name;  ///< may be empty
};

/// From passwd(5). Never from the environment: cron and at run jobs with their own. A uid without an entry
/// (DynamicUser=, containers) is "uid4242". Throws Refusal (EX_TEMPFAIL) while the user database does not
/// answer, or is empty: that name would be nobody's.
[[nodiscard]] Identity FindIdentity(uid_t uid);

/// Whether there is a user of that name. Throws Refusal (EX_TEMPFAIL) while the user database does not
/// answer.
[[nodiscard]] bool IsUser(const std::string& name);

/// Asks for the identity of a user when it is needed, and once.
class User {
 public:
  using Find = submit::Identity (*)(uid_t);

  User(uid_t uid, Find find) noexcept : uid_(uid), find_(find) {}
  [[nodiscard]] const submit::Identity& Identity() {
    if (identity_.user.empty()) identity_ = find_(uid_);
    return identity_;
  }

 private:
  uid_t uid_;
  Find find_;
  submit::Identity identity_;
};

/// The name in a passwd entry's GECOS field: the text before the first comma, "&" standing for the
/// capitalised login name. Empty if it has control characters or is beyond reason long.
[[nodiscard]] std::string FullName(std::string_view gecos, std::string_view user);

}  // namespace submit
