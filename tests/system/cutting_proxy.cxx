// SPDX-License-Identifier: BSD-2-Clause
#include "cutting_proxy.hxx"

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

using asio::ip::tcp;

namespace machine {

struct CuttingProxy::Line {
  tcp::socket client;
  tcp::socket server;
  bool reset = false;

  void Close() {
    std::error_code ignored;
    if (reset && client.is_open()) client.set_option(tcp::socket::linger(true, 0), ignored);
    client.close(ignored);
    server.close(ignored);
  }
};

CuttingProxy::CuttingProxy(std::uint16_t port, Cut cut)
    : port_(port),
      cut_(cut),
      hosts_([this](tcp::socket client, std::size_t host) { return Serve(std::move(client), host); }) {}

asio::awaitable<void> CuttingProxy::Serve(tcp::socket client, std::size_t host) {
  constexpr auto kEndless = std::numeric_limits<std::size_t>::max();
  const auto limit = broken_ ? host * cut_.stride : kEndless;
  const auto limit_of = [&](Direction direction) { return direction == cut_.direction ? limit : kEndless; };
  const auto executor = client.get_executor();
  const auto line = std::make_shared<Line>(Line{std::move(client), tcp::socket(executor), false});
  line->reset = broken_ && cut_.resets && host % 2 == 1;
  co_await line->server.async_connect({asio::ip::address_v4::loopback(), port_}, asio::use_awaitable);
  asio::co_spawn(
      executor,
      [this, line, most = limit_of(Direction::FromClient)] {
        return Carry(*line, Direction::FromClient, most);
      },
      asio::detached);
  co_await Carry(*line, Direction::FromServer, limit_of(Direction::FromServer));
}

// Until one side ends the connection, or so many octets have been carried: then it is over for both.
asio::awaitable<void> CuttingProxy::Carry(Line& line, Direction direction, std::size_t limit) {
  auto& from = direction == Direction::FromServer ? line.server : line.client;
  auto& to = direction == Direction::FromServer ? line.client : line.server;
  std::array<char, 4096> buffer;
  std::error_code error;
  for (std::size_t carried = 0; carried < limit && !error;) {
    const auto most = std::min(buffer.size(), limit - carried);
    const auto size = co_await from.async_read_some(asio::buffer(buffer, most),
                                                    asio::redirect_error(asio::use_awaitable, error));
    carried += size;
    if (direction == cut_.direction) octets_ = std::max(octets_.load(), carried);
    if (!error)
      co_await asio::async_write(to, asio::buffer(buffer, size),
                                 asio::redirect_error(asio::use_awaitable, error));
  }
  line.Close();
}

}  // namespace machine
