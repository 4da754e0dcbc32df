// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "dns/records.hxx"

#include <string>
#include <vector>

namespace tls {

/// The type of what a domain has published about the TLS of its hosts (RFC 8460 section 4.2).
enum class PolicyType { Tlsa, Sts, None };

/// What a server must prove before it gets mail.
struct Policy {
  enum class Level {
    Never,
    Opportunistic,  ///< TLS where it works, with anybody
    Encrypted,      ///< TLS, with anybody
    Verified,       ///< TLS, and the certificate is from an authority, or has a key that is pinned
    Dane,           ///< TLS, and the certificate is one that DNS names (RFC 7672)
  };

  Level level = Level::Opportunistic;
  std::string host;                    ///< what the certificate must name; sent as SNI if it is a name
  std::string mx;                      ///< the mail host, if it is one
  std::vector<std::string> names;      ///< with Dane: others that will do
  std::vector<dns::TlsaRecord> tlsa;   ///< with Dane: those that can be used
  PolicyType type = PolicyType::None;  ///< what the domain has published that asks for it
  std::string reason;  ///< who asks for TLS, as smtp::SessionPolicy has it; empty: the relay's URL
};

}  // namespace tls
