// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/relay_url.hxx"
#include "dns/resolver.hxx"
#include "tls/stream.hxx"

#include <asio/awaitable.hpp>
#include <asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace relay {

/// An address of a server.
struct Candidate {
  tls::Stream::Endpoint endpoint;
  std::string name;              ///< "host[address]:port"; for a Unix socket its path
  bool private_channel = false;  ///< it does not leave this machine
};

constexpr std::size_t kMaxCandidates = 8;  ///< of one host

/// Addresses of a host in the order in which they are tried: the families in turn, IPv6 first (RFC 8305
/// section 4); no more than kMaxCandidates.
[[nodiscard]] std::vector<Candidate> MakeCandidates(const std::string& host, std::uint16_t port,
                                                    const std::vector<asio::ip::address>& addresses);

/// The addresses of a relay that is named by itself, not by mx://; at least one. Throws tls::StreamError.
[[nodiscard]] asio::awaitable<std::vector<Candidate>> FindCandidates(dns::Resolver& resolver,
                                                                     const config::RelayUrl& url);

/// Connects to one address.
/// @param sources numeric addresses to connect from, as Identity has them
/// @param stream that has not been used
/// Throws tls::StreamError, which names the candidate.
[[nodiscard]] asio::awaitable<void> Connect(const Candidate& candidate,
                                            const std::vector<std::string>& sources,
                                            tls::Stream::Duration limit, tls::Stream& stream);

}  // namespace relay
