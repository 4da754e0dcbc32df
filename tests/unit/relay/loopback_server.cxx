// SPDX-License-Identifier: BSD-2-Clause
#include "unit/relay/loopback_server.hxx"

#include "base/text.hxx"

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/read_until.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <algorithm>

using asio::ip::tcp;

LoopbackServer::LoopbackServer(asio::io_context& context)
    : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  asio::co_spawn(context, Accept(), asio::detached);
}

std::string LoopbackServer::Url() const {
  return "smtp://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void LoopbackServer::Close() {
  acceptor_.close();
}

asio::awaitable<void> LoopbackServer::Accept() {
  for (;;) {
    tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
    ++connections;
    most_open = std::max(most_open, ++open);
    asio::co_spawn(acceptor_.get_executor(), Serve(std::move(socket)), asio::detached);
  }
}

template <typename Stream>
asio::awaitable<void> LoopbackServer::Converse(Stream& socket) {
  asio::steady_timer timer(acceptor_.get_executor(), delay);
  co_await timer.async_wait(asio::use_awaitable);
  std::string input;
  std::string reply = greeting;
  bool in_text = false;
  for (;;) {
    if (!reply.empty()) {
      reply += "\r\n";
      co_await asio::async_write(socket, asio::buffer(reply), asio::use_awaitable);
    }
    const auto size =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(input), "\r\n", asio::use_awaitable);
    const auto line = input.substr(0, size - 2);
    input.erase(0, size);
    reply = answer ? answer(in_text && line != "." ? "" : line) : "";
    if (reply == "drop") co_return;
    if (reply == "silence") {
      reply.clear();
      continue;
    }
    if (reply.empty()) reply = ReplyTo(line, in_text);
  }
}

asio::awaitable<void> LoopbackServer::ServeTls(tcp::socket socket) {
  asio::ssl::stream<tcp::socket> stream(std::move(socket), *tls);
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  resumed += SSL_session_reused(stream.native_handle()) ? 1 : 0;
  certificates += SSL_get0_peer_certificate(stream.native_handle()) ? 1 : 0;
  co_await Converse(stream);
}

asio::awaitable<void> LoopbackServer::Serve(tcp::socket socket) {
  try {
    peers.push_back(socket.remote_endpoint().address().to_string());
    if (tls)
      co_await ServeTls(std::move(socket));
    else
      co_await Converse(socket);
  } catch (const std::system_error&) {
    // The client has gone.
  }
  --open;
}

std::string LoopbackServer::ReplyTo(const std::string& line, bool& in_text) {
  if (in_text && line != ".") {
    text += line + "\r\n";
    return "";
  }
  if (in_text) {
    in_text = false;
    ++messages;
    return "250 2.0.0 taken";
  }
  in_text = line == "DATA";
  if (in_text) {
    text.clear();
    return "354 go on";
  }
  if (line.starts_with("RCPT ")) recipients.push_back(line);
  return line.starts_with("EHLO") ? ReplyToHello() : "250 ok";
}

std::string LoopbackServer::ReplyToHello() const {
  std::string reply = "250-loopback";
  for (std::string word : SplitList(extensions, " ")) {
    std::ranges::replace(word, '_', ' ');
    reply += "\r\n250-" + word;
  }
  reply[reply.rfind("250-") + 3] = ' ';
  return reply;
}
