// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "programs/launcher/launcher.hxx"
#include "service/faults.hxx"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <vector>

namespace launcher {

/// Serves RUNDIR/launcher, one request at a time: each takes about a millisecond.
class Server {
 public:
  static constexpr std::size_t kMaxConnections = 8;  ///< more wait in the listening socket

  /// @param listener borrowed; it is made non-blocking
  /// @param allowed the one uid besides root that may ask
  /// @param linger how long to stay without any connection
  Server(FdRef listener, Launcher& launcher, uid_t allowed, std::chrono::milliseconds linger);

  /// Returns when nobody has been connected for that long. A connection that comes after that stays
  /// in the listening socket, which systemd keeps, and starts the next launcher.
  /// Throws std::system_error.
  void Run();

 private:
  struct Connection {
    UniqueFd socket;
    uid_t peer;
  };
  [[nodiscard]] bool Wait();
  void Accept();
  [[nodiscard]] bool ServeOne(Connection& connection);
  [[nodiscard]] bool TryServeOne(Connection& connection);

  FdRef listener_;
  Launcher& launcher_;
  uid_t allowed_;
  std::chrono::milliseconds linger_;
  service::Faults faults_;
  std::vector<Connection> connections_;
  std::vector<bool> ready_;  ///< of connections_, in the same order
};

}  // namespace launcher
