// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "programs/runner/settings_watch.hxx"
#include "queue/intake.hxx"
#include "spool/queue.hxx"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include <sys/types.h>

#include <map>

namespace runner {

/// The submit socket: the way in for senders that can't write to drop/. It knows the sender from the socket's
/// peer credentials (SO_PEERCRED in unix(7)).
class SubmitServer {
 public:
  /// @param listener from systemd; empty: there is no such socket
  SubmitServer(asio::io_context& context, UniqueFd listener, const spool::Queue& queue,
               const SettingsWatch& settings, queue::Intake& intake);

  void Start();
  [[nodiscard]] bool IsIdle() const noexcept { return connections_.empty(); }

 private:
  using Socket = asio::local::stream_protocol::socket;

  asio::awaitable<void> AcceptAll();
  asio::awaitable<void> Serve(Socket socket, uid_t peer);
  asio::awaitable<spool::SubmitReply> Receive(Socket& socket, uid_t peer);
  asio::awaitable<spool::SubmitReply> Commit(spool::Drop drop);

  asio::io_context& context_;
  asio::local::stream_protocol::acceptor acceptor_;
  const spool::Queue& queue_;
  const SettingsWatch& settings_;
  queue::Intake& intake_;
  std::map<uid_t, unsigned> connections_;  ///< open ones, by share
};

}  // namespace runner
