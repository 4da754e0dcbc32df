// SPDX-License-Identifier: BSD-2-Clause
#include "table/line_channel.hxx"

#include "base/error.hxx"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>

namespace table {

namespace {

using std::chrono::milliseconds;

milliseconds Until(LineChannel::Deadline deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::max(left, milliseconds(0));
}

// connect(2) waits as long as this where the program's queue of connections is full.
void SetTimeout(FdRef fd, milliseconds timeout) {
  timeout = std::max(timeout, milliseconds(1));  // 0 is for ever
  const timeval time{timeout.count() / 1000, timeout.count() % 1000 * 1000};
  if (::setsockopt(fd.Get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time) < 0)
    ThrowErrno("failed to set the timeout of a socket");
}

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw MakeErrno(ENAMETOOLONG, "failed to connect");
  path.copy(address.sun_path, path.size());
  return address;
}

}  // namespace

LineChannel::LineChannel(const std::string& path, std::size_t max_line, Deadline deadline)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), max_line_(max_line) {
  if (!fd_) ThrowErrno("failed to make a socket");
  const auto address = AddressOf(path);
  SetTimeout(fd_, Until(deadline));
  if (::connect(fd_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    throw MakeErrno(errno == EAGAIN ? ETIMEDOUT : errno, "failed to connect");
}

void LineChannel::Wait(short events, Deadline deadline) const {
  pollfd poll{fd_.Get(), events, 0};
  const int ready = ::poll(&poll, 1, static_cast<int>(Until(deadline).count()));
  if (ready < 0 && errno != EINTR) ThrowErrno("failed to wait");
  if (ready == 0) throw MakeErrno(ETIMEDOUT, "failed to wait");
}

void LineChannel::Send(std::string_view text, Deadline deadline) {
  while (!text.empty()) {
    const auto sent = ::send(fd_.Get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
      text.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN)
      Wait(POLLOUT, deadline);
    else if (errno != EINTR)
      ThrowErrno("failed to send");
  }
}

// False at the end.
bool LineChannel::Read(Deadline deadline) {
  char buffer[4096];
  while (true) {
    const auto length = ::recv(fd_.Get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (length >= 0) {
      received_.append(buffer, static_cast<std::size_t>(length));
      return length > 0;
    }
    if (errno == EAGAIN)
      Wait(POLLIN, deadline);
    else if (errno != EINTR)
      ThrowErrno("failed to receive");
  }
}

std::optional<std::string> LineChannel::Receive(Deadline deadline) {
  std::size_t searched = 0;
  while (true) {
    const auto end = received_.find('\n', searched);
    if (std::min(end, received_.size()) > max_line_) throw MakeErrno(EMSGSIZE, "failed to receive");
    if (end != received_.npos) {
      auto line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    searched = received_.size();
    // What trickles in always finds the socket ready, so that Wait alone would not notice.
    if (Until(deadline) == milliseconds(0)) throw MakeErrno(ETIMEDOUT, "failed to receive");
    if (!Read(deadline)) return std::nullopt;
  }
}

}  // namespace table
