// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"

#include <string>
#include <string_view>
#include <vector>

namespace service {

/// The sockets that systemd passed in (sd_listen_fds(3)), each under its FileDescriptorName=.
class PassedSockets {
 public:
  /// Takes them over and clears the environment of them. Throws std::system_error.
  PassedSockets();

  /// Gives the socket of that name to the caller; empty if there is none (left).
  [[nodiscard]] UniqueFd Take(std::string_view name);

 private:
  struct Named {
    std::string name;
    UniqueFd fd;
  };
  std::vector<Named> sockets_;
};

}  // namespace service
