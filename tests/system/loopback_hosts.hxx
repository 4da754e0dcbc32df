// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace machine {

/// Many hosts on one port: each address of 127.1.0.0/16 is one, known by its number. They are served in a
/// thread of their own.
class LoopbackHosts {
 public:
  static constexpr std::size_t kMax = 65536;

  /// What becomes of a connection to a host; called in the thread. A std::system_error ends that connection.
  using Serve = std::function<asio::awaitable<void>(asio::ip::tcp::socket client, std::size_t host)>;

  /// Throws std::system_error.
  explicit LoopbackHosts(Serve serve);
  /// Ends all connections.
  ~LoopbackHosts();
  LoopbackHosts(const LoopbackHosts&) = delete;
  LoopbackHosts& operator=(const LoopbackHosts&) = delete;

  /// "SCHEME://ADDRESS:PORT". @param scheme may end in "://LABEL@"
  [[nodiscard]] std::string Url(std::size_t host, const std::string& scheme = "smtp+notls://") const;
  /// A domain of that host alone; all are of the same length.
  [[nodiscard]] static std::string Domain(std::size_t host);

 private:
  asio::awaitable<void> Accept();
  asio::awaitable<void> Run(asio::ip::tcp::socket client);

  Serve serve_;
  asio::io_context context_{1};
  asio::ip::tcp::acceptor acceptor_;
  const std::uint16_t port_;
  std::jthread thread_;
};

}  // namespace machine
