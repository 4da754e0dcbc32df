// SPDX-License-Identifier: BSD-2-Clause
#include "tls/stream.hxx"

#include "tls/layer.hxx"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace tls {

namespace {

auto Into(std::error_code& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

}  // namespace

/// Closes the socket, which ends the operation under way, unless it is destroyed in time.
class Stream::Deadline {
 public:
  Deadline(Stream& stream, Duration limit) : stream_(stream) {
    stream_.timed_out_ = std::make_shared<bool>(false);
    stream_.timer_.expires_after(limit);
    stream_.timer_.async_wait(
        [&stream, weak = std::weak_ptr(stream.timed_out_)](const std::error_code& error) {
          const auto timed_out = weak.lock();
          if (error || !timed_out) return;
          *timed_out = true;
          asio::error_code ignored;
          stream.socket_.close(ignored);
        });
  }
  // The timer is not cancelled: the next operation sets it anew, and when the stream is gone its handler
  // finds nothing to do.
  ~Deadline() { stream_.timed_out_.reset(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  Stream& stream_;
};

Stream::Stream(const asio::any_io_executor& executor) : socket_(executor), timer_(executor) {}

Stream::~Stream() = default;

asio::awaitable<void> Stream::Connect(const Endpoint& endpoint, const std::optional<Endpoint>& source,
                                      Duration limit) {
  if (source) Bind(*source);
  const Deadline deadline(*this, limit);
  std::error_code error;
  co_await socket_.async_connect(endpoint, Into(error));
  if (error) throw StreamError("4.4.1", *timed_out_ ? "no answer in time" : error.message());
  // No delay (Nagle): everything is written in pieces as large as possible, so waiting for more only costs
  // time.
  asio::error_code ignored;
  is_tcp_ = endpoint.protocol().family() != AF_UNIX;
  if (is_tcp_) socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Stream::Close() noexcept {
  asio::error_code ignored;
  socket_.close(ignored);
}

void Stream::Bind(const Endpoint& source) {
  asio::error_code error;
  socket_.open(source.protocol(), error);
  // The port is chosen when the server is known: two connections to different ones may share it.
  const int on = 1;
  if (!error) ::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (!error) socket_.bind(source, error);
  if (error) throw StreamError("4.4.1", "the source address can't be used: " + error.message());
}

asio::awaitable<void> Stream::StartTls(const Peer& peer, Duration limit) {
  const Deadline deadline(*this, limit);
  tls_ = std::make_unique<Layer>(socket_, peer);
  std::error_code error;
  co_await tls_->Get().async_handshake(asio::ssl::stream_base::client, Into(error));
  if (error) {
    const auto reason = *timed_out_ ? "no answer in time" : tls_->ExplainHandshake(error);
    throw StreamError("4.7.5", "The TLS handshake failed: " + reason);
  }
  tls_->CheckPins(peer.context.Pins());
}

Verdict Stream::GetVerdict() const {
  return tls_ ? tls_->GetVerdict() : Verdict::OtherFault;
}

ChannelBinding Stream::Binding() const {
  return tls_->Binding();
}

std::string Stream::DescribeTls() const {
  return tls_ ? tls_->Describe() : std::string();
}

asio::awaitable<std::size_t> Stream::Read(std::span<char> buffer, Duration limit) {
  const Deadline deadline(*this, limit);
  HastenAcknowledgement();
  const asio::mutable_buffer into(buffer.data(), buffer.size());
  std::error_code error;
  std::size_t size = 0;
  if (tls_)
    size = co_await tls_->Get().async_read_some(into, Into(error));
  else
    size = co_await socket_.async_read_some(into, Into(error));
  if (error || size == 0) throw MakeError(error);
  co_return size;
}

asio::awaitable<void> Stream::Write(std::string_view octets, Duration limit) {
  const Deadline deadline(*this, limit);
  const asio::const_buffer from(octets.data(), octets.size());
  std::error_code error;
  if (tls_)
    co_await asio::async_write(tls_->Get(), from, Into(error));
  else
    co_await asio::async_write(socket_, from, Into(error));
  if (error) throw MakeError(error);
}

// A server that writes each reply of a group on its own, without TCP_NODELAY, waits with the second one until
// the first is acknowledged, which takes 40 ms by default: for each message. The option has to be set again
// and again (tcp(7)).
void Stream::HastenAcknowledgement() noexcept {
  const int on = 1;
  if (is_tcp_) ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

StreamError Stream::MakeError(const std::error_code& error) const {
  if (*timed_out_) return {"4.4.2", "The server did not answer in time"};
  if (!error || error == asio::error::eof || error == asio::ssl::error::stream_truncated ||
      error == asio::error::connection_reset || error == asio::error::broken_pipe)
    return {"4.4.2", "The server closed the connection"};
  return {"4.4.2", "The connection failed: " + error.message()};
}

}  // namespace tls
