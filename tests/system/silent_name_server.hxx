// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "queue.hxx"

#include <chrono>

namespace machine {

/// The machine's name server, for as long as it lives: it takes questions and answers none.
class SilentNameServer {
 public:
  /// Throws std::system_error.
  SilentNameServer();

  /// @return false if nobody asks within @p limit
  [[nodiscard]] bool WaitForQuestion(std::chrono::milliseconds limit) const;

 private:
  UniqueFd socket_;
  const SetupFile resolver_{"/etc/resolv.conf", "nameserver 127.0.0.53\n"};
};

}  // namespace machine
