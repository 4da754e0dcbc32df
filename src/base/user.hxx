// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>

/// A user, as the user database (passwd(5), NSS) has them.
struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;     ///< as it stands there: maybe relative, empty or missing
  std::string gecos{};  ///< the full name, and more
  std::string shell{};  ///< empty: none is given
};

/// Empty if the database answers that there is no such user: it may not have all of its entries at that
/// moment (route::UserDatabase minds that). Throws std::system_error if it does not answer, which says
/// nothing about the user: see name_services, too.
[[nodiscard]] std::optional<User> FindUser(uid_t uid);
[[nodiscard]] std::optional<User> FindUser(const std::string& name);

/// The names in /etc/passwd itself that have an "@", whatever other databases have. None if it can't be read.
[[nodiscard]] std::set<std::string> AddressesInPasswdFile();

/// True for people, who have a home directory; false for system users and nobody (login.defs(5), UID_MIN=).
[[nodiscard]] bool IsPerson(uid_t uid) noexcept;

/// Like FindUser, for the name of a group.
[[nodiscard]] std::optional<gid_t> FindGroup(const std::string& name);
