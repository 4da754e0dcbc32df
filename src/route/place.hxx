// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/destination.hxx"
#include "route/user_lookup.hxx"

#include <optional>
#include <string>
#include <string_view>

/// Where a copy is put, as [Local] Mailbox= has it: a path in which %u is the user's name and %% a percent
/// sign.
namespace route {

/// The file that means that a copy is thrown away.
constexpr std::string_view kNowhere = "/dev/null";

/// @p pattern with the user's name in its place.
[[nodiscard]] std::string ExpandUser(const std::string& pattern, const std::string& user);

/// The place that an entry of a list names, as Route::destination has it: a file as such a pattern that means
/// itself, with each percent sign doubled, or "|COMMAND LINE". Empty for every other kind of entry.
[[nodiscard]] std::optional<std::string> DestinationOf(const mail::Destination& entry);

/// The same for every way to write one path: "~/x", "/home/alice/./x", "/home//alice/x" are "~/x". ".." and
/// symbolic links are left as they are, and what is no path is, too.
[[nodiscard]] std::string CanonicalPlace(const std::string& destination, const User& user);

}  // namespace route
