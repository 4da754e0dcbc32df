// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "watch.hxx"

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <string>

namespace bench {

/// The mailboxes of a folder, all of them files to which messages are appended. What they hold at first does
/// not count.
class Mailboxes {
 public:
  /// @param last_line of each message; a message counts when it stands in the mailbox
  /// Throws std::system_error.
  Mailboxes(std::string folder, const std::string& last_line);

  /// Returns when @p count messages are there, throws std::runtime_error at @p deadline.
  void Await(std::size_t count, Clock::time_point deadline);

 private:
  [[nodiscard]] std::size_t CountNewIn(const std::string& name);
  [[nodiscard]] std::size_t CountNewInAll();

  std::string folder_;
  std::string line_;  ///< with the ends of the line before it and of its own
  Watch watch_;
  std::map<std::string, off_t> counted_;  ///< octets of each mailbox that need not be read again
};

}  // namespace bench
