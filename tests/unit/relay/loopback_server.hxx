// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

/// A small SMTP server on the loopback, in the test's own event loop. It accepts everything unless told
/// otherwise.
class LoopbackServer {
 public:
  explicit LoopbackServer(asio::io_context& context);

  /// What it says to a line; empty: what it says otherwise; "drop": it closes the connection.
  std::function<std::string(const std::string& line)> answer;

  [[nodiscard]] std::string Url() const;
  /// No further connection is accepted.
  void Close();

  std::size_t connections = 0;
  std::size_t open = 0;
  std::size_t most_open = 0;
  std::size_t messages = 0;
  std::string greeting = "220 loopback";
  std::chrono::milliseconds delay{0};  ///< before the greeting

 private:
  asio::awaitable<void> Accept();
  asio::awaitable<void> Serve(asio::ip::tcp::socket socket);
  asio::awaitable<void> Converse(asio::ip::tcp::socket& socket);
  std::string ReplyTo(const std::string& line, bool& in_text);

  asio::ip::tcp::acceptor acceptor_;
};
