// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/connector.hxx"

#include "base/text.hxx"

#include <asio/error.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <netdb.h>
#include <sys/socket.h>

#include <optional>

namespace relay {

namespace {

using asio::ip::tcp;

std::string ToString(const config::RelayUrl& url) {
  const bool bare_ipv6 = url.host.find(':') != url.host.npos;
  return (bare_ipv6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
}

Candidate MakeCandidate(const config::RelayUrl& url, const tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  const auto name =
      address == url.host ? ToString(url) : url.host + "[" + address + "]:" + std::to_string(url.port);
  return {Stream::Endpoint(endpoint), name, endpoint.address().is_loopback()};
}

// The one of the candidate's family; empty if there are none at all, or it is a Unix socket.
std::optional<Stream::Endpoint> FindSource(const Candidate& candidate,
                                           const std::vector<std::string>& sources) {
  const int family = candidate.endpoint.protocol().family();
  if (sources.empty() || family == AF_UNIX) return std::nullopt;
  for (const auto& source : sources) {
    asio::error_code error;
    const auto address = asio::ip::make_address(source, error);
    if (error) throw StreamError("4.3.5", "not an address to connect from: " + Quote(source));
    if (address.is_v6() == (family == AF_INET6)) return Stream::Endpoint(tcp::endpoint(address, 0));
  }
  throw StreamError("4.4.1", "there is no source address of its family");
}

}  // namespace

asio::awaitable<std::vector<Candidate>> FindCandidates(const config::RelayUrl& url) {
  std::vector<Candidate> candidates;
  if (url.IsUnixSocket()) {
    candidates.push_back(
        {Stream::Endpoint(asio::local::stream_protocol::endpoint(url.host)), url.host, true});
    co_return candidates;
  }
  tcp::resolver resolver(co_await asio::this_coro::executor);
  std::error_code error;
  const auto found =
      co_await resolver.async_resolve(url.host, std::to_string(url.port), tcp::resolver::numeric_service,
                                      asio::redirect_error(asio::use_awaitable, error));
  if (!error && found.empty()) error = asio::error::host_not_found;
  if (error) throw StreamError("4.4.3", "Failed to look up " + url.host + ": " + error.message());
  for (const auto& entry : found)
    if (candidates.size() < kMaxCandidates) candidates.push_back(MakeCandidate(url, entry.endpoint()));
  co_return candidates;
}

asio::awaitable<std::unique_ptr<Stream>> Connect(const Candidate& candidate,
                                                 const std::vector<std::string>& sources,
                                                 Stream::Duration limit) {
  auto stream = std::make_unique<Stream>(co_await asio::this_coro::executor);
  std::string why;
  try {
    co_await stream->Connect(candidate.endpoint, FindSource(candidate, sources), limit);
    co_return stream;
  } catch (const StreamError& error) {
    why = error.Result().text;
  }
  throw StreamError("4.4.1", "Failed to connect to " + candidate.name + ": " + why);
}

}  // namespace relay
