// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

/// What the user database (passwd(5), NSS) says of somebody.
struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;  ///< as it stands there: maybe relative, empty or missing
};

/// Empty if there is no such user. Throws std::system_error if the database can't be asked.
[[nodiscard]] std::optional<User> FindUser(uid_t uid);
[[nodiscard]] std::optional<User> FindUser(const std::string& name);

/// True for people, who have a home directory; false for system users and nobody (login.defs(5), UID_MIN=).
[[nodiscard]] bool IsPerson(uid_t uid) noexcept;

/// Empty if there is no such group. Throws std::system_error if the database can't be asked.
[[nodiscard]] std::optional<gid_t> FindGroup(const std::string& name);
