// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace machine {

/// What a user does to make others wait, by processes of their own, from construction on. The destructor ends
/// them; what they have put into the spool stays there.
class Tricks {
 public:
  /// All at once: many drops, drops that are no messages or have a hole of 2 GiB, 10,000 recipients, domains
  /// whose name servers are silent, streams that never end, calls of Route, agents that are stopped.
  static Tricks All(const std::string& user);
  /// Both processors are kept busy, by nothing that concerns mail.
  static Tricks Busy(const std::string& user);

  ~Tricks();
  Tricks(const Tricks&) = delete;
  Tricks& operator=(const Tricks&) = delete;

 private:
  Tricks(const std::string& user, const std::vector<void (*)()>& tricks);

  uid_t uid_ = 0;
  std::vector<pid_t> players_;
};

}  // namespace machine
