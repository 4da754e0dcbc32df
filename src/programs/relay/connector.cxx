// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/connector.hxx"

#include "base/text.hxx"
#include "dns/name.hxx"

#include <asio/error.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/use_awaitable.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace relay {

namespace {

using asio::ip::tcp;

std::string NameOf(const std::string& host, const std::string& address, std::uint16_t port) {
  const auto end = "]:" + std::to_string(port);
  if (host != address) return host + "[" + address + end;
  const bool is_ipv6 = address.find(':') != address.npos;
  return (is_ipv6 ? "[" + address + end : address + end.substr(1));
}

Candidate MakeCandidate(const std::string& host, const asio::ip::address& address, std::uint16_t port) {
  return {tls::Stream::Endpoint(tcp::endpoint(address, port)), NameOf(host, address.to_string(), port),
          address.is_loopback()};
}

// Explains why a host name has no usable address.
tls::StreamError MakeError(const std::string& host, const dns::HostAddresses& found) {
  std::string why = found.why;
  if (found.status == dns::Status::NoData) why = "it has no address";
  if (found.status == dns::Status::NoName) {
    why = "there is no such host";
    if (host.find('.') == host.npos) why += " (no search domain is added: give its full name)";
  }
  return {"4.4.3", "Failed to look up " + host + ": " + why};
}

// The source address of the candidate's family. Empty if none is set, or if the candidate is a Unix socket.
std::optional<tls::Stream::Endpoint> FindSource(const Candidate& candidate,
                                                const std::vector<std::string>& sources) {
  const int family = candidate.endpoint.protocol().family();
  if (sources.empty() || family == AF_UNIX) return std::nullopt;
  for (const auto& source : sources) {
    asio::error_code error;
    const auto address = asio::ip::make_address(source, error);
    if (error) throw tls::StreamError("4.3.5", "not an address to connect from: " + Quote(source));
    if (address.is_v6() == (family == AF_INET6)) return tls::Stream::Endpoint(tcp::endpoint(address, 0));
  }
  throw tls::StreamError("4.4.1", "there is no source address of its family");
}

}  // namespace

std::vector<Candidate> MakeCandidates(const std::string& host, std::uint16_t port,
                                      const std::vector<asio::ip::address>& addresses) {
  std::vector<const asio::ip::address*> four, six;
  for (const auto& address : addresses) (address.is_v6() ? six : four).push_back(&address);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < std::max(four.size(), six.size()); ++i)
    for (const auto* family : {&six, &four})
      if (i < family->size() && candidates.size() < kMaxCandidates)
        candidates.push_back(MakeCandidate(host, *(*family)[i], port));
  return candidates;
}

asio::awaitable<std::vector<Candidate>> FindCandidates(dns::Resolver& resolver, const config::RelayUrl& url) {
  std::vector<Candidate> candidates;
  if (url.IsUnixSocket()) {
    candidates.push_back(
        {tls::Stream::Endpoint(asio::local::stream_protocol::endpoint(url.host)), url.host, true});
    co_return candidates;
  }
  std::vector<asio::ip::address> addresses(1);
  asio::error_code not_numeric;
  addresses[0] = asio::ip::make_address(url.host, not_numeric);
  if (not_numeric) {
    // The address need not be trusted: TLS decides whether this is the right server.
    auto found = co_await resolver.FindHost(dns::ToAscii(url.host).value_or(url.host));
    if (found.addresses.empty()) throw MakeError(url.host, found);
    addresses = std::move(found.addresses);
  }
  co_return MakeCandidates(url.host, url.port, addresses);
}

asio::awaitable<void> Connect(const Candidate& candidate, const std::vector<std::string>& sources,
                              tls::Stream::Duration limit, tls::Stream& stream) {
  std::string why;
  try {
    co_await stream.Connect(candidate.endpoint, FindSource(candidate, sources), limit);
    co_return;
  } catch (const tls::StreamError& error) {
    why = error.Result().text;
  }
  throw tls::StreamError("4.4.1", "Failed to connect to " + candidate.name + ": " + why);
}

}  // namespace relay
