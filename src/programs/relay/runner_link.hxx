// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "courier/packet.hxx"
#include "programs/relay/activity.hxx"
#include "programs/relay/dispatcher.hxx"
#include "programs/relay/job.hxx"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

namespace relay {

/// A connection from the runner: requests in, answers out, in any order.
class RunnerLink : public Requester, public std::enable_shared_from_this<RunnerLink> {
 public:
  /// Requests without an answer; more are not read until some are answered.
  static constexpr std::size_t kMaxRequests = 400;

  /// @param socket SOCK_SEQPACKET, non-blocking
  /// @param dispatcher outlives the link
  RunnerLink(const asio::any_io_executor& executor, UniqueFd socket, Dispatcher& dispatcher,
             Activity::Token token);

  /// Until the runner closes the connection, or says something that is no request.
  [[nodiscard]] asio::awaitable<void> Run();
  void Close();

  void OnResults(std::uint64_t serial, std::vector<mail::DeliveryResult> results, bool unreached) override;
  void OnReports(std::uint64_t serial, std::vector<mail::RelayReport> reports) override;
  [[nodiscard]] bool IsListening() const noexcept override { return socket_.is_open(); }

 private:
  bool ReadAll();
  bool OnPacket(courier::Packet packet);
  asio::awaitable<void> WaitForRoom();
  void Answer(courier::Answer answer);
  void Flush();
  asio::awaitable<void> FlushLater(bool is_shortage);
  asio::awaitable<void> Pause();
  [[nodiscard]] FdRef Socket() noexcept { return FdRef(socket_.native_handle()); }

  asio::posix::stream_descriptor socket_;
  Dispatcher& dispatcher_;
  Activity::Token token_;
  asio::steady_timer room_;  // never expires; cancelled when a request is answered
  std::size_t requests_ = 0;
  std::deque<std::string> answers_;  // packets not yet sent
  bool flushing_ = false;            // FlushLater runs
  bool shortage_ = false;            // the kernel had no memory for what came
};

}  // namespace relay
