// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/file.hxx"
#include "base/user.hxx"

#include <sys/stat.h>

#include <optional>
#include <string>

namespace deliver {

/// An open mbox file that may not be ours to write yet.
struct MboxFile {
  UniqueFd fd;           ///< for reading, which leaves no trace, and appending
  struct stat status;    ///< of fd, as it was opened
  bool created = false;  ///< by us, just now

  /// Opens, and makes if need be, the file without following a link and without waiting for anything.
  /// Throws std::system_error; EACCES for a new file as RefuseForbiddenName has it.
  [[nodiscard]] static MboxFile Open(const FileAt& file, const User& user);

  /// Like Open, but creates nothing.
  [[nodiscard]] static std::optional<MboxFile> Find(const FileAt& file);

  /// The fault of the file as a mailbox of @p user, with the remedy; empty: none.
  [[nodiscard]] std::optional<std::string> FindFault(const User& user) const;

  /// The name still means this file.
  [[nodiscard]] bool IsStillAt(const FileAt& file) const noexcept;
};

}  // namespace deliver
