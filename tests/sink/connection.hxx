// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "sink/sasl_server.hxx"

#include <asio/awaitable.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sink {

/// The octets of one connection, in the clear or not. Every coroutine throws std::system_error
/// when the connection breaks.
class Connection {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  explicit Connection(Socket socket) : socket_(std::move(socket)) {}

  /// The next line without its CRLF; flushes before it waits. Empty when the client has closed, or the limit
  /// is reached.
  [[nodiscard]] asio::awaitable<std::optional<std::string>> ReadLine();
  /// So many octets; likewise.
  [[nodiscard]] asio::awaitable<std::optional<std::string>> ReadOctets(std::size_t size);
  /// Octets that came behind the last line; nothing must be there where the client has to wait.
  [[nodiscard]] bool HasInput() const noexcept { return at_ < input_.size(); }
  void DiscardInput() { input_.clear(), at_ = searched_ = 0; }

  /// Puts a line's text behind what is to be sent.
  void Put(std::string_view text) { output_ += text; }
  [[nodiscard]] asio::awaitable<void> Flush();
  /// TLS from here on; what was put is sent before.
  [[nodiscard]] asio::awaitable<void> StartTls(asio::ssl::context& context);
  [[nodiscard]] asio::awaitable<void> Wait(std::size_t milliseconds);
  /// Says goodbye in TLS; the destructor closes.
  [[nodiscard]] asio::awaitable<void> Shutdown();

  /// The connection ends once so many octets have been received.
  void SetLimit(std::size_t octets) noexcept { limit_ = octets; }
  /// To wait before each group of replies.
  void SetDelay(std::size_t milliseconds) noexcept { delay_ = milliseconds; }
  /// The client's address; empty for a Unix socket.
  [[nodiscard]] std::string Peer() const;
  /// The version of TLS, or "no".
  [[nodiscard]] std::string TlsVersion() const;
  [[nodiscard]] std::string ServerName() const;
  /// What a login over this connection can be tied to; nothing without TLS.
  [[nodiscard]] ChannelBinding Binding();

 private:
  [[nodiscard]] asio::awaitable<bool> Receive();

  Socket socket_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
  std::string input_;
  std::size_t at_ = 0;        ///< input_ before it is used up
  std::size_t searched_ = 0;  ///< no end of line before it
  std::string output_;
  std::size_t received_ = 0;
  std::size_t limit_ = static_cast<std::size_t>(-1);
  std::size_t delay_ = 0;
};

}  // namespace sink
