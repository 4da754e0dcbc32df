// SPDX-License-Identifier: BSD-2-Clause
#include "sasl/token_source.hxx"

#include "base/text.hxx"
#include "base/wipe.hxx"
#include "paths.h"

#include <asio/buffer.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace sasl {

namespace {

using Socket = asio::local::stream_protocol::socket;

// A token becomes part of a command line.
bool IsToken(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// Returns all that the command prints.
asio::awaitable<std::string> Ask(Socket& socket, const std::string& path, const std::string& command) {
  co_await socket.async_connect(asio::local::stream_protocol::endpoint(path), asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(command), asio::use_awaitable);
  socket.shutdown(Socket::shutdown_send);
  std::string output;
  std::error_code error;
  co_await asio::async_read(socket, asio::dynamic_buffer(output, TokenSource::kMaxToken + 1),
                            asio::redirect_error(asio::use_awaitable, error));
  if (error && error != asio::error::eof) throw std::system_error(error);
  co_return output;
}

}  // namespace

std::string TokenSource::DefaultSocket() {
  return MAILQUEUE_RUNDIR "/token";
}

TokenSource::~TokenSource() {
  for (auto& [command, token] : tokens_) Wipe(token);
}

asio::awaitable<std::string> TokenSource::Find(std::string command) {
  const auto found = tokens_.find(command);
  if (found != tokens_.end()) co_return found->second;
  const auto executor = co_await asio::this_coro::executor;
  const auto socket = std::make_shared<Socket>(executor);
  asio::steady_timer timer(executor, kTime);
  timer.async_wait([socket](const std::error_code& error) {
    std::error_code ignored;
    if (!error) socket->cancel(ignored);
  });
  std::string output;
  try {
    output = co_await Ask(*socket, socket_, command);
  } catch (const std::system_error& error) {
    throw std::runtime_error("Failed to get a token from " + Quote(command) + ": " + error.code().message());
  }
  std::string token(Trim(std::string_view(output).substr(0, output.find('\n'))));
  Wipe(output);
  if (!IsToken(token) || token.size() > kMaxToken)
    throw std::runtime_error(
        "TokenCommand=" + command +
        " printed no token, which is a line of one word of at most 16384 characters; see "
        "journalctl -u 'mailqueue-token@*'");
  co_return tokens_[command] = std::move(token);
}

void TokenSource::Forget(const std::string& command, const std::string& token) {
  const auto found = tokens_.find(command);
  if (found == tokens_.end() || found->second != token) return;
  Wipe(found->second);
  tokens_.erase(found);
}

}  // namespace sasl
