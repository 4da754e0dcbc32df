// SPDX-License-Identifier: BSD-2-Clause
#include "programs/launcher/server.hxx"

#include "base/error.hxx"
#include "courier/packet.hxx"
#include "service/journal.hxx"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <syslog.h>

#include <cerrno>
#include <string>

namespace launcher {

namespace {

void MakeNonBlocking(FdRef fd) {
  const int flags = ::fcntl(fd.Get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.Get(), F_SETFL, flags | O_NONBLOCK) < 0)
    ThrowErrno("Failed to set up the socket");
}

uid_t PeerOf(FdRef socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket.Get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
    ThrowErrno("Failed to learn the peer");
  return peer.uid;
}

}  // namespace

Server::Server(FdRef listener, Launcher& launcher, uid_t allowed, std::chrono::milliseconds linger)
    : listener_(listener), launcher_(launcher), allowed_(allowed), linger_(linger) {
  MakeNonBlocking(listener_);
}

void Server::Run() {
  while (Wait()) {
    // Those that Accept adds are not among the ready ones yet.
    for (std::size_t i = 0; i < ready_.size(); ++i)
      if (ready_[i] && !TryServeOne(connections_[i])) connections_[i].socket.Close();
    Accept();
    std::erase_if(connections_, [](const Connection& connection) { return !connection.socket; });
  }
}

// False if nothing came and nobody was connected.
bool Server::Wait() {
  std::vector<pollfd> fds;
  fds.reserve(connections_.size() + 1);
  for (const auto& connection : connections_) fds.push_back({connection.socket.Get(), POLLIN, 0});
  fds.push_back({connections_.size() < kMaxConnections ? listener_.Get() : -1, POLLIN, 0});
  const int timeout = connections_.empty() ? static_cast<int>(linger_.count()) : -1;
  int n;
  do n = ::poll(fds.data(), fds.size(), timeout);
  while (n < 0 && errno == EINTR);
  if (n < 0) ThrowErrno("Failed to poll");
  fds.pop_back();
  ready_.clear();
  for (const auto& fd : fds) ready_.push_back(fd.revents != 0);
  return n > 0;
}

void Server::Accept() {
  while (connections_.size() < kMaxConnections) {
    UniqueFd socket(::accept4(listener_.Get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)) return;
    if (!socket && courier::IsShortage(errno)) return courier::WaitOutShortage();
    if (!socket) ThrowErrno("Failed to accept a connection");
    const uid_t peer = PeerOf(socket);
    if (peer == 0 || peer == allowed_)
      connections_.push_back({std::move(socket), peer});
    else
      service::Log(LOG_WARNING,
                   "Connection from uid " + std::to_string(peer) + ", who may not ask; closing it");
  }
}

// A fault closes the connection, so that the peer asks again.
bool Server::TryServeOne(Connection& connection) {
  try {
    return ServeOne(connection);
  } catch (const std::exception& fault) {
    faults_.Survive(fault);
    return false;
  }
}

// False if the connection is to be closed.
bool Server::ServeOne(Connection& connection) {
  courier::Packet packet;
  const auto status = courier::Receive(connection.socket, packet);
  if (status == courier::ReceiveStatus::Shortage) courier::WaitOutShortage();
  if (status != courier::ReceiveStatus::Received) return status != courier::ReceiveStatus::Closed;
  const auto reply = launcher_.Handle(packet.text, packet.fd, connection.peer);
  // A peer that does not read its replies must not block the others.
  return courier::Send(connection.socket, reply.ToText()) == courier::SendStatus::Sent;
}

}  // namespace launcher
