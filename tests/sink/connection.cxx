// SPDX-License-Identifier: BSD-2-Clause
#include "connection.hxx"

#include "encoding.hxx"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <netdb.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace sink {

namespace {

constexpr std::size_t kBlock = 64 * 1024;

}  // namespace

asio::awaitable<std::optional<std::string>> Connection::ReadLine() {
  for (;;) {
    const auto end = input_.find("\r\n", std::max(at_, searched_));
    if (end != input_.npos) {
      std::optional<std::string> line = input_.substr(at_, end - at_);
      at_ = end + 2;
      co_return line;
    }
    searched_ = input_.empty() ? 0 : input_.size() - 1;  // its last octet may be the CR
    const bool more = co_await Receive();
    if (!more) co_return std::nullopt;
  }
}

asio::awaitable<std::optional<std::string>> Connection::ReadOctets(std::size_t size) {
  while (input_.size() - at_ < size) {
    const bool more = co_await Receive();
    if (!more) co_return std::nullopt;
  }
  std::optional<std::string> octets = input_.substr(at_, size);
  at_ += size;
  searched_ = std::max(searched_, at_);
  co_return octets;
}

asio::awaitable<bool> Connection::Receive() {
  co_await Flush();
  if (received_ >= limit_) co_return false;
  input_.erase(0, at_);
  searched_ -= std::min(at_, searched_);
  at_ = 0;
  const std::size_t old = input_.size();
  input_.resize(old + std::min(kBlock, limit_ - received_));
  const auto buffer = asio::buffer(input_.data() + old, input_.size() - old);
  std::error_code error;
  std::size_t n;
  if (tls_)
    n = co_await tls_->async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
  else
    n = co_await socket_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
  input_.resize(old + n);
  received_ += n;
  co_return !error;
}

asio::awaitable<void> Connection::Flush() {
  if (output_.empty()) co_return;
  if (delay_) co_await Wait(delay_);
  std::string text;
  text.swap(output_);
  if (tls_)
    co_await asio::async_write(*tls_, asio::buffer(text), asio::use_awaitable);
  else
    co_await asio::async_write(socket_, asio::buffer(text), asio::use_awaitable);
}

asio::awaitable<void> Connection::StartTls(asio::ssl::context& context) {
  co_await Flush();
  tls_.emplace(socket_, context);
  co_await tls_->async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
}

asio::awaitable<void> Connection::Wait(std::size_t milliseconds) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, std::chrono::milliseconds(milliseconds));
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> Connection::Shutdown() {
  co_await Flush();
  if (!tls_) co_return;
  std::error_code ignored;  // few clients say goodbye as well
  co_await tls_->async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
}

std::string Connection::Peer() const {
  std::error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  if (error || endpoint.protocol().family() == AF_UNIX) return {};
  std::array<char, NI_MAXHOST> name{};
  if (::getnameinfo(endpoint.data(), static_cast<socklen_t>(endpoint.size()), name.data(), name.size(),
                    nullptr, 0, NI_NUMERICHOST) != 0)
    return {};
  return name.data();
}

std::string Connection::TlsVersion() const {
  return tls_ ? SSL_get_version(const_cast<asio::ssl::stream<Socket&>&>(*tls_).native_handle()) : "no";
}

std::string Connection::ServerName() const {
  if (!tls_) return {};
  const char* name = SSL_get_servername(const_cast<asio::ssl::stream<Socket&>&>(*tls_).native_handle(),
                                        TLSEXT_NAMETYPE_host_name);
  return name ? name : "";
}

ChannelBinding Connection::Binding() {
  if (!tls_) return {};
  SSL* const ssl = tls_->native_handle();
  std::array<unsigned char, 64> octets;
  const auto encode = [&octets](std::size_t size) {
    return EncodeBase64({reinterpret_cast<const char*>(octets.data()), size});
  };
  if (SSL_version(ssl) == TLS1_2_VERSION) {
    const auto size = SSL_session_reused(ssl) ? SSL_get_finished(ssl, octets.data(), octets.size())
                                              : SSL_get_peer_finished(ssl, octets.data(), octets.size());
    return {{}, encode(size)};
  }
  static constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  SSL_export_keying_material(ssl, octets.data(), 32, kLabel.data(), kLabel.size(), nullptr, 0, 1);
  return {encode(32), {}};
}

}  // namespace sink
