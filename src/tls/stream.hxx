// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"
#include "tls/verdict.hxx"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tls {

struct ChannelBinding;
class Layer;
struct Peer;

/// Why a connection can't be made or used any further, as a result for every recipient that waits for it.
class StreamError {
 public:
  StreamError(std::string status, std::string text)
      : result_(mail::Deferred(std::move(status), std::move(text))) {}
  [[nodiscard]] const mail::DeliveryResult& Result() const noexcept { return result_; }

 private:
  mail::DeliveryResult result_;
};

/// Octets to and from a server, over TCP or a Unix socket, from some point on through TLS. Each operation has
/// its own limit of time and throws StreamError; after that the stream is of no more use. One operation at a
/// time.
class Stream {
 public:
  using Protocol = asio::generic::stream_protocol;
  using Endpoint = Protocol::endpoint;
  using Socket = Protocol::socket;
  using Duration = std::chrono::milliseconds;

  explicit Stream(const asio::any_io_executor& executor);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// @param source where to connect from; empty: the kernel chooses
  [[nodiscard]] asio::awaitable<void> Connect(const Endpoint& endpoint, const std::optional<Endpoint>& source,
                                              Duration limit);
  /// Ends the operation under way.
  void Close() noexcept;
  /// The client's side of a TLS handshake.
  [[nodiscard]] asio::awaitable<void> StartTls(const Peer& peer, Duration limit);
  /// How the verification of the certificate ended; after StartTls, which may have failed.
  [[nodiscard]] Verdict GetVerdict() const;
  /// The data to bind a login to the TLS connection; after StartTls.
  [[nodiscard]] ChannelBinding Binding() const;
  /// Layer::Describe; empty without TLS.
  [[nodiscard]] std::string DescribeTls() const;
  /// @return at least 1
  [[nodiscard]] asio::awaitable<std::size_t> Read(std::span<char> buffer, Duration limit);
  /// Writes all of it.
  [[nodiscard]] asio::awaitable<void> Write(std::string_view octets, Duration limit);

 private:
  class Deadline;
  void Bind(const Endpoint& source);
  void HastenAcknowledgement() noexcept;
  [[nodiscard]] StreamError MakeError(const std::error_code& error) const;

  Socket socket_;
  bool is_tcp_ = false;
  std::unique_ptr<Layer> tls_;
  asio::steady_timer timer_;
  std::shared_ptr<bool> timed_out_;  // of the operation under way; its timer's handler may outlive it
};

}  // namespace tls
