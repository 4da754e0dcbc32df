// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/connector.hxx"

#include "smtp/timeouts.hxx"

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <netdb.h>

#include <optional>
#include <vector>

namespace relay {

namespace {

using asio::ip::tcp;

constexpr std::size_t kMaxAddresses = 8;

struct Candidate {
  Stream::Endpoint endpoint;
  std::string address;  // as text; empty for a Unix socket
  bool is_private = false;
};

std::string ToString(const config::RelayUrl& url) {
  if (url.IsUnixSocket()) return url.host;
  const bool bare_ipv6 = url.host.find(':') != url.host.npos;
  return (bare_ipv6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

std::string NameRemote(const config::RelayUrl& url, const Candidate& candidate) {
  if (candidate.address.empty() || candidate.address == url.host) return ToString(url);
  return url.host + "[" + candidate.address + "]:" + std::to_string(url.port);
}

Candidate MakeCandidate(const tcp::endpoint& endpoint) {
  return {Stream::Endpoint(endpoint), endpoint.address().to_string(), endpoint.address().is_loopback()};
}

asio::awaitable<std::vector<Candidate>> Resolve(const config::RelayUrl& url) {
  std::vector<Candidate> candidates;
  if (url.IsUnixSocket()) {
    candidates.push_back({Stream::Endpoint(asio::local::stream_protocol::endpoint(url.host)), {}, true});
    co_return candidates;
  }
  tcp::resolver resolver(co_await asio::this_coro::executor);
  std::error_code error;
  const auto found =
      co_await resolver.async_resolve(url.host, std::to_string(url.port), tcp::resolver::numeric_service,
                                      asio::redirect_error(asio::use_awaitable, error));
  if (error) throw StreamError("4.4.3", "Failed to look up " + url.host + ": " + error.message());
  for (const auto& entry : found)
    if (candidates.size() < kMaxAddresses) candidates.push_back(MakeCandidate(entry.endpoint()));
  co_return candidates;
}

// Empty, and @p why filled in, if it does not answer.
asio::awaitable<std::unique_ptr<Stream>> TryConnect(const Candidate& candidate, std::string& why) {
  auto stream = std::make_unique<Stream>(co_await asio::this_coro::executor);
  try {
    co_await stream->Connect(candidate.endpoint, smtp::kConnectTimeout);
    co_return stream;
  } catch (const StreamError& error) {
    why = error.Result().text;
  }
  co_return nullptr;
}

}  // namespace

asio::awaitable<Connected> Connect(const config::RelayUrl& url) {
  const auto candidates = co_await Resolve(url);
  std::string faults;
  for (const auto& candidate : candidates) {
    std::string why;
    auto stream = co_await TryConnect(candidate, why);
    if (stream) co_return Connected{std::move(stream), NameRemote(url, candidate), candidate.is_private};
    faults +=
        (faults.empty() ? "" : "; ") + (candidate.address.empty() ? why : candidate.address + ": " + why);
  }
  throw StreamError("4.4.1", "Failed to connect to " + ToString(url) + ": " + faults);
}

}  // namespace relay
