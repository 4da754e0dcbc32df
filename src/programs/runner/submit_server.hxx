// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "programs/runner/settings_watch.hxx"
#include "queue/intake.hxx"
#include "queue/shares.hxx"
#include "spool/queue.hxx"

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>

namespace runner {

/// The submit socket: the way in for senders that can't write to drop/. It knows the sender from the socket's
/// peer credentials (SO_PEERCRED in unix(7)).
///
/// A connection has two descriptors, and its file takes room on the disk. So the places are shared, and
/// nobody keeps one by being slow.
class SubmitServer {
 public:
  static constexpr std::size_t kPlaces = 500;      ///< connections that are served
  static constexpr std::size_t kRootsPlaces = 20;  ///< of them
  static constexpr std::size_t kMaxOfShare = 16;   ///< of one share
  static constexpr std::size_t kMaxAsking = 100;   ///< connections that wait to hear whose share they are on

  /// How long a sender may keep its place.
  struct Patience {
    std::chrono::steady_clock::duration silence;  ///< between two pieces
    std::chrono::steady_clock::duration all;      ///< for a whole message
  };
  static constexpr std::chrono::minutes kSilence{2};
  static constexpr std::chrono::minutes kLongest{10};
  static constexpr Patience kPatience{kSilence, kLongest};

  /// @param listener from systemd; empty: there is no such socket
  /// @param on_idle called when the last connection has ended
  SubmitServer(asio::io_context& context, UniqueFd listener, const spool::Queue& queue,
               const SettingsWatch& settings, queue::Intake& intake, std::function<void()> on_idle,
               const Patience& patience = kPatience);

  void Start();
  /// It has been found out whose share a uid's connections are on.
  void OnShare(uid_t uid);
  [[nodiscard]] bool IsIdle() const noexcept { return open_ == 0; }

 private:
  using Socket = asio::local::stream_protocol::socket;
  using Asking = std::multimap<uid_t, asio::steady_timer>;

  asio::awaitable<void> AcceptAll();
  asio::awaitable<void> Serve(Socket socket, uid_t peer);
  asio::awaitable<spool::SubmitReply> ServeInPlace(Socket& socket, uid_t peer);
  asio::awaitable<uid_t> FindShare(uid_t peer);
  asio::awaitable<spool::SubmitReply> Receive(Socket& socket, uid_t peer);
  [[nodiscard]] bool IsLow() const;
  asio::awaitable<spool::SubmitReply> Commit(spool::Drop drop);

  asio::io_context& context_;
  asio::local::stream_protocol::acceptor acceptor_;
  const spool::Queue& queue_;
  const SettingsWatch& settings_;
  queue::Intake& intake_;
  std::function<void()> on_idle_;
  const Patience patience_;
  std::size_t open_ = 0;  ///< connections
  queue::Shares places_{kPlaces, kRootsPlaces};
  Asking asking_;  ///< by uid: connections that wait to hear whose share they are on
};

}  // namespace runner
