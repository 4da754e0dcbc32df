// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/file.hxx"

#include <chrono>
#include <optional>
#include <string>

namespace deliver {

/// The two locks of a mailbox that Debian's policy (section 11.6) asks for: fcntl(2) on the file, then
/// NAME.lock beside it. Where the directory gives us no leave to make a file there is only the first, as with
/// other delivery agents.
///
/// Every agent of ours on this machine that has a dot lock holds the fcntl lock, too, and loses it with its
/// life: so a dot lock of ours that is there when the fcntl lock has been got is one that a killed agent
/// left, and goes at once. Other programs' dot locks go when they are older than kStaleAge and no process has
/// the number in them.
class MailboxLock {
 public:
  static constexpr std::chrono::minutes kStaleAge{5};

  /// Tries once and waits for nothing.
  /// @param mailbox the open file, for reading and writing; it and file.directory must outlive the lock
  /// @param holder whose lock is in the way, for a person, where the result is empty
  /// Throws std::system_error if a lock can't be made for another reason.
  [[nodiscard]] static std::optional<MailboxLock> Try(FdRef mailbox, const FileAt& file, std::string& holder);

  MailboxLock(MailboxLock&& other) noexcept;
  MailboxLock& operator=(MailboxLock&&) = delete;
  ~MailboxLock();  ///< gives both locks back

 private:
  MailboxLock(FdRef mailbox, FileAt dot_lock) noexcept;

  FdRef mailbox_;
  FileAt dot_lock_;  ///< its name is empty where there is none
};

}  // namespace deliver
