// SPDX-License-Identifier: BSD-2-Clause
#include "service/activation.hxx"

#include "base/error.hxx"

#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace service {

PassedSockets::PassedSockets() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  if (count < 0) throw MakeErrno(-count, "Failed to take the sockets passed in");
  for (int i = 0; i < count; ++i) {
    sockets_.push_back({names[i], UniqueFd(SD_LISTEN_FDS_START + i)});
    std::free(names[i]);
  }
  std::free(names);
}

UniqueFd PassedSockets::Take(std::string_view name) {
  for (auto& socket : sockets_)
    if (socket.name == name && socket.fd) return std::move(socket.fd);
  return {};
}

}  // namespace service
