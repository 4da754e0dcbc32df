// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace tls {

/// Binds a login to the TLS connection that it is made over (RFC 5929, RFC 9266).
struct ChannelBinding {
  std::string exporter;  ///< tls-exporter, for TLS 1.3; octets; empty: can't be used
  std::string unique;    ///< tls-unique, for TLS 1.2; likewise
};

}  // namespace tls
