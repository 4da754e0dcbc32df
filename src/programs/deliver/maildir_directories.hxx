// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/user.hxx"

#include <optional>
#include <string>

namespace deliver {

/// The open directories of a Maildir. What is done goes through them, so nothing that is renamed or replaced
/// meanwhile can lead it elsewhere.
struct MaildirDirectories {
  UniqueFd top;
  UniqueFd tmp;
  UniqueFd added;  ///< its "new"
  UniqueFd cur;
  bool made = false;  ///< one of them, just now: not durable until Sync

  /// Opens them, and makes those that are missing. Throws std::system_error; EACCES for a new one as
  /// RefuseForbiddenName has it.
  [[nodiscard]] static MaildirDirectories Open(const FileAt& maildir, const User& user);

  /// What is wrong with them as a mailbox of @p user, with the remedy; empty if nothing is.
  [[nodiscard]] std::optional<std::string> FindFault(const User& user) const;

  /// Throws std::system_error.
  void Sync(FdRef parent) const;
};

/// What is wrong with one directory of a mailbox, as MaildirDirectories::FindFault. Throws std::system_error.
[[nodiscard]] std::optional<std::string> FindDirectoryFault(FdRef directory, const User& user);

}  // namespace deliver
