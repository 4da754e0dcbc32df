// SPDX-License-Identifier: BSD-2-Clause
#include "silent_name_server.hxx"

#include "base/error.hxx"

#include <poll.h>
#include <sys/socket.h>

#include <netinet/in.h>

namespace machine {

SilentNameServer::SilentNameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  address.sin_addr.s_addr = htonl(0x7f000035);  // 127.0.0.53
  if (::bind(socket_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    ThrowErrno("Failed to bind to 127.0.0.53:53");
}

bool SilentNameServer::WaitForQuestion(std::chrono::milliseconds limit) const {
  pollfd ready{socket_.Get(), POLLIN, 0};
  return ::poll(&ready, 1, static_cast<int>(limit.count())) > 0;
}

}  // namespace machine
