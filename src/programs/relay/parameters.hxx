// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/relay_options.hxx"
#include "smtp/client/timeouts.hxx"

#include <chrono>
#include <cstddef>

namespace relay {

/// How the servers of an identity are dealt with. Unlike the identity it may differ between two messages that
/// go over one connection.
struct Parameters {
  smtp::Timeouts timeouts;
  std::size_t connections = 10;            ///< at a time
  unsigned messages_per_connection = 100;  ///< one after the other
  std::chrono::milliseconds idle =
      std::chrono::seconds(5);  ///< how long a connection waits for its next message
};

[[nodiscard]] Parameters MakeParameters(const config::RelayOptions& options) noexcept;

}  // namespace relay
