// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

/// A small SMTP server on the loopback, in the test's own event loop. It accepts everything unless told
/// otherwise.
class LoopbackServer {
 public:
  explicit LoopbackServer(asio::io_context& context);

  /// Not null: TLS from the first octet; outlives the server.
  asio::ssl::context* tls = nullptr;

  /// What it says to a line; empty: what it says otherwise; "drop": it closes the connection;
  /// "silence": nothing.
  std::function<std::string(const std::string& line)> answer;

  [[nodiscard]] std::string Url() const;
  /// No further connection is accepted.
  void Close();

  std::size_t resumed = 0;         ///< TLS sessions
  std::size_t certificates = 0;    ///< that clients have shown
  std::vector<std::string> peers;  ///< addresses of the clients
  std::size_t connections = 0;
  std::size_t open = 0;
  std::size_t most_open = 0;
  std::size_t messages = 0;
  std::string greeting = "220 loopback";
  std::string extensions = "PIPELINING";  ///< separated by spaces; "_" stands for a space within one
  std::string text;                       ///< of the last message, dots not removed
  std::vector<std::string> recipients;    ///< RCPT commands that were accepted, of all messages
  std::chrono::milliseconds delay{0};     ///< before the greeting

 private:
  asio::awaitable<void> Accept();
  asio::awaitable<void> Serve(asio::ip::tcp::socket socket);
  asio::awaitable<void> ServeTls(asio::ip::tcp::socket socket);
  template <typename Stream>
  asio::awaitable<void> Converse(Stream& socket);
  std::string ReplyTo(const std::string& line, bool& in_text);
  std::string ReplyToHello() const;

  asio::ip::tcp::acceptor acceptor_;
};
