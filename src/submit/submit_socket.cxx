// SPDX-License-Identifier: BSD-2-Clause
#include "submit/submit_socket.hxx"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace submit {

namespace {

constexpr std::size_t kMaxReply = 4096;  // octets

}  // namespace

int SubmitSocket::Connect(const std::string& path, std::chrono::seconds limit) noexcept {
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::ranges::copy(path, address.sun_path);
  fd_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd_) return errno;
  const struct timeval timeout = {limit.count(), 0};
  ::setsockopt(fd_.Get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  ::setsockopt(fd_.Get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  return ::connect(fd_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ? errno : 0;
}

int SubmitSocket::Write(std::string_view data) noexcept {
  while (!data.empty()) {
    const ssize_t n = ::send(fd_.Get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

int SubmitSocket::Finish() noexcept {
  return ::shutdown(fd_.Get(), SHUT_WR) < 0 ? errno : 0;
}

std::optional<spool::SubmitReply> SubmitSocket::ReadReply() {
  std::string line;
  std::array<char, 512> buffer;
  while (!line.ends_with('\n') && line.size() < kMaxReply) {
    const ssize_t n = ::recv(fd_.Get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::nullopt;
    line.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return spool::SubmitReply::Parse(line);
}

}  // namespace submit
