// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/path_walk.hxx"
#include "base/user.hxx"

#include <optional>
#include <string>
#include <string_view>

namespace deliver {

/// The path of a mailbox, for one user.
struct MailboxPath {
  std::string root;       ///< absolute: the user's home, or the directory of a mailbox elsewhere
  std::string directory;  ///< relative to root, in the user's home; empty: root itself
  std::string name;       ///< of the mailbox, one path component
  bool in_home = false;
  /// with which the way is searched; a user who has chosen the path must not have group mail's
  PathWalk::Rights rights = PathWalk::Rights::Own;

  /// Reads `/path` or `~/path`, where %u is the user's name and %% a percent sign. A path into the user's
  /// home, however it is written, has the home as its root.
  /// @param error why there is no result, for a person
  [[nodiscard]] static std::optional<MailboxPath> Parse(std::string_view destination, const User& user,
                                                        std::string& error);
  [[nodiscard]] std::string ToString() const;

  /// Finds the directory and the name that the path leads to: by directories of the home, or by a way that
  /// only root and the user can change, symbolic links among it (PathWalk). A link of the user's leads with
  /// their own rights alone: with those of group mail it could lead to other people's mailboxes.
  /// @param make directories that are missing in the home are made, mode 0700
  /// Throws std::system_error.
  [[nodiscard]] PathWalk::Place Find(const User& user, bool make = false) const;
};

/// Where the directory gives the agent leave to make files because it has group mail, but not the user, their
/// own mailbox may be made, and no other name, for it could be another's: throws std::system_error, EACCES.
void RefuseForbiddenName(FdRef directory, const std::string& name, const User& user);

/// Opens a directory without following a link, and makes it, mode 0700, where there is none.
/// @param made set to true if it was made, else left as it is
/// Throws std::system_error.
[[nodiscard]] UniqueFd OpenOrMakeDirectory(const FileAt& directory, bool& made);

}  // namespace deliver
