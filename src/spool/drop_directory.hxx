// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "mail/envelope.hxx"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace spool {

/// A message as it was submitted, complete, but still in a file that its sender can write to.
struct Drop {
  UniqueFd file;
  mail::Envelope envelope;  ///< the believed fields only, submitter and message_size filled in
  std::uint64_t message_offset = 0;
};

/// Why something in drop/ is not a message.
struct Refusal {
  bool torn = false;  ///< it was never finished, and so never acknowledged
  std::string why;
};

/// Reads and judges what a sender wrote.
/// @param submitter the owner as the kernel knows it
/// Throws std::system_error if the file can't be read.
[[nodiscard]] std::variant<Drop, Refusal> ReadDrop(UniqueFd file, uid_t submitter);

/// The directory in which anyone may create files, and nobody is trusted.
class DropDirectory {
 public:
  /// @param drop, corrupt open directories of one file system
  DropDirectory(UniqueFd drop, UniqueFd corrupt) noexcept;

  /// The names that count for systemd.path(5)'s DirectoryNotEmpty=, oldest queue ID first.
  [[nodiscard]] std::vector<std::string> List() const;

  /// Opens and judges one entry, whatever it is, without ever blocking on it.
  [[nodiscard]] std::variant<Drop, Refusal> Open(const std::string& name) const;

  /// Removes a drop that has been taken in, or that was torn.
  void Remove(const std::string& name) const;

  /// Moves an entry to corrupt/, or, where the kernel forbids that (another's directory with files in it),
  /// hides it under a dot-name in place. Throws std::system_error if neither can be done.
  /// @return where it is now, relative to the spool
  std::string SetAside(const std::string& name) const;

  [[nodiscard]] FdRef Descriptor() const noexcept { return drop_; }

 private:
  UniqueFd drop_;
  UniqueFd corrupt_;
};

}  // namespace spool
