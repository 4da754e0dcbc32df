// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "route/user_lookup.hxx"

#include <string>

/// Where a copy is put, as [Local] Mailbox= has it: a path in which %u is the user's name and %% a percent
/// sign.
namespace route {

/// @p pattern with the user's name in its place.
[[nodiscard]] std::string ExpandUser(const std::string& pattern, const std::string& user);

/// A path that means itself as such a pattern: with each percent sign doubled.
[[nodiscard]] std::string WithoutSpecifiers(const std::string& path);

/// The same for every way to write one path: "~/x", "/home/alice/./x", "/home//alice/x" are "~/x". ".." and
/// symbolic links are left as they are, and what is no path is, too.
[[nodiscard]] std::string CanonicalPlace(const std::string& destination, const User& user);

}  // namespace route
