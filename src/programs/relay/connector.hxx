// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/relay_url.hxx"
#include "programs/relay/stream.hxx"

#include <asio/awaitable.hpp>

#include <memory>
#include <string>

namespace relay {

struct Connected {
  std::unique_ptr<Stream> stream;
  std::string remote;            ///< "host[address]:port"; for a Unix socket its path
  bool private_channel = false;  ///< it does not leave this machine
};

/// One round: the host's addresses in the resolver's order, until one answers. Throws StreamError
/// if none does, which names each with its fault.
[[nodiscard]] asio::awaitable<Connected> Connect(const config::RelayUrl& url);

}  // namespace relay
