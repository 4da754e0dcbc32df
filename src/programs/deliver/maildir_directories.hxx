// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/user.hxx"

#include <optional>
#include <string>
#include <variant>

namespace deliver {

/// The open directories of a Maildir. What is done goes through them, so nothing that is renamed or replaced
/// meanwhile can lead it elsewhere.
struct MaildirDirectories {
  UniqueFd top;
  UniqueFd tmp;
  UniqueFd added;  ///< its "new"
  UniqueFd cur;
  bool made = false;  ///< one of them, just now: not durable until Sync

  /// Opens them, and makes those that are missing; nothing in a directory that is not the user's.
  /// @return the text says what is wrong with them as a mailbox of @p user, with the remedy
  /// Throws std::system_error; EACCES for a new one as RefuseForbiddenName has it.
  [[nodiscard]] static std::variant<MaildirDirectories, std::string> Open(const FileAt& maildir,
                                                                          const User& user);

  /// Throws std::system_error.
  void Sync(FdRef parent) const;
};

/// What is wrong with one directory of a mailbox, as MaildirDirectories::Open. Throws std::system_error.
[[nodiscard]] std::optional<std::string> FindDirectoryFault(FdRef directory, const User& user);

}  // namespace deliver
