// SPDX-License-Identifier: BSD-2-Clause
#include "fake_runner.hxx"

#include "base/error.hxx"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>

FakeRunner::FakeRunner(const std::string& path, std::string reply, std::size_t after,
                       std::vector<std::string> before)
    : reply_(std::move(reply)), before_(std::move(before)), after_(after) {
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  socket_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::bind(socket_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    ThrowErrno("bind", path);
  if (::listen(socket_.Get(), 1) < 0) ThrowErrno("listen", path);
  thread_ = std::thread([this] { Serve(); });
}

FakeRunner::~FakeRunner() {
  ::shutdown(socket_.Get(), SHUT_RDWR);  // where nobody has come
  if (thread_.joinable()) thread_.join();
}

const std::string& FakeRunner::Stream() {
  if (thread_.joinable()) thread_.join();
  return stream_;
}

void FakeRunner::Serve() {
  for (const auto& reply : before_) ServeOne(reply);
  ServeOne(reply_);
}

void FakeRunner::ServeOne(const std::string& reply) {
  stream_.clear();
  const UniqueFd peer(::accept4(socket_.Get(), nullptr, nullptr, SOCK_CLOEXEC));
  std::array<char, 4096> buffer;
  while (peer && stream_.size() < after_) {
    const ssize_t n = ::recv(peer.Get(), buffer.data(), buffer.size(), 0);
    if (n <= 0) break;
    stream_.append(buffer.data(), static_cast<std::size_t>(n));
  }
  if (peer && !reply.empty()) (void)::send(peer.Get(), reply.data(), reply.size(), MSG_NOSIGNAL);
}
