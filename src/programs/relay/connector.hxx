// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/relay_url.hxx"
#include "programs/relay/stream.hxx"

#include <asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace relay {

/// An address of a relay.
struct Candidate {
  Stream::Endpoint endpoint;
  std::string name;              ///< "host[address]:port"; for a Unix socket its path
  bool private_channel = false;  ///< it does not leave this machine
};

constexpr std::size_t kMaxCandidates = 8;

/// The host's addresses, in the resolver's order; at least one, no more than kMaxCandidates. Throws
/// StreamError.
[[nodiscard]] asio::awaitable<std::vector<Candidate>> FindCandidates(const config::RelayUrl& url);

/// @param sources numeric addresses to connect from, as Identity has them
/// Throws StreamError, which names the candidate.
[[nodiscard]] asio::awaitable<std::unique_ptr<Stream>> Connect(const Candidate& candidate,
                                                               const std::vector<std::string>& sources,
                                                               Stream::Duration limit);

}  // namespace relay
