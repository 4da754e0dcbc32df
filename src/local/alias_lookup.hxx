// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "config/settings.hxx"
#include "route/tables.hxx"

#include <optional>
#include <string>

namespace local {

/// The aliases and virtual users, looked up by a program that does what they say.
class AliasLookup {
 public:
  /// Why @p user is not to deliver to @p destination: neither the alias nor the virtual user of this key
  /// names it now, nor a file of root's that either of them includes, all of which counts for the user of
  /// AliasUser=; nor a file of @p user's own that they include (route::IncludeFile::owner).
  /// @param key as route::Route::alias has it
  /// @param destination as courier::Request::destination has it
  /// @return for a person; empty: one of them names it
  [[nodiscard]] std::optional<std::string> FindObjection(const config::Settings& settings,
                                                         const std::string& key,
                                                         const std::string& destination, const User& user);

 private:
  route::Tables tables_;
};

}  // namespace local
