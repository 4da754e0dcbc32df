// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/relay_url.hxx"

#include <string>

namespace relay {

/// All that makes two SMTP sessions interchangeable: protocol, host, port, TLS policy, credential and EHLO
/// name. Messages of different identities never share a connection.
struct Identity {
  config::RelayUrl url;
  std::string helo;

  [[nodiscard]] std::string Key() const { return url.ToString() + " " + helo; }
};

}  // namespace relay
