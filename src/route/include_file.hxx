// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/destination.hxx"

#include <cstddef>
#include <string>

namespace route {

/// A file that `:include:` of an alias names, read as the user that routes mail, or that does what aliases
/// say. The file may be somebody else's, and so may its directory: a symbolic link counts only if it is
/// root's, and nothing below the spool is read, so that nobody sees with it what only these users may see.
struct IncludeFile {
  static constexpr std::size_t kMaxSize = std::size_t{1024} * 1024;  ///< octets

  mail::DestinationList list;
  /// Only root can have written it. What anybody else writes may send mail on, but name no commands and
  /// files, which would run and be written as AliasUser=.
  bool trusted = false;
  /// The user who alone, root aside, can have written it and put it there: what it names is run and written
  /// in their name. Empty: root, or nobody in particular.
  std::string owner{};

  /// Never waits. Throws std::runtime_error with the path, what is wrong, and what to do about it.
  [[nodiscard]] static IncludeFile Load(const std::string& path);
};

}  // namespace route
