// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/user.hxx"

#include <optional>
#include <string>
#include <string_view>

namespace deliver {

/// Where a mailbox is, for one user.
struct MailboxPath {
  std::string root;       ///< absolute; nothing in it is the user's to change
  std::string directory;  ///< relative to root, below the user's home; empty: root itself
  std::string name;       ///< of the mailbox, one path component

  /// Reads `/path` or `~/path`, where %u is the user's name and %% a percent sign. A path into the user's
  /// home, however it is written, has the home as its root.
  /// @param error why there is no result, for a person
  [[nodiscard]] static std::optional<MailboxPath> Parse(std::string_view destination, const User& user,
                                                        std::string& error);
  [[nodiscard]] std::string ToString() const;

  /// Opens the mailbox's directory. Below root it follows no symbolic link: whoever owns
  /// the home could make it lead to other people's mailboxes. Throws std::system_error.
  [[nodiscard]] UniqueFd OpenParent() const;
};

}  // namespace deliver
