// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace config {

enum class Protocol { Smtp, Lmtp };

enum class Tls {
  Never,          ///< smtp+notls://, lmtp://
  Opportunistic,  ///< smtp:// without a label: STARTTLS if offered, certificate not judged
  Required,       ///< smtp+tls://, and smtp:// with a label: STARTTLS or nothing, certificate verified
  Implicit,       ///< smtps://: TLS from the first octet, certificate verified
};

/// A relay, written as OpenSMTPD writes it (smtpd.conf(5), "relay host"): `[PROTOCOL://][LABEL@]HOST[:PORT]`.
/// HOST is a name, an IPv4 address or an IPv6 address in brackets; `lmtp:/PATH` or `lmtp:///PATH` is a Unix
/// socket. Without PROTOCOL:// it is smtp://. `mx://DOMAIN[:PORT]` stands for the hosts that take DOMAIN's
/// mail (RFC 5321, 5.1), without a label.
struct RelayUrl {
  Protocol protocol = Protocol::Smtp;
  Tls tls = Tls::Opportunistic;
  bool mx = false;         ///< host is a domain; Tls::Opportunistic, Protocol::Smtp
  std::string label;       ///< names the credential; empty: no authentication
  std::string host;        ///< without brackets; for a Unix socket its absolute path
  std::uint16_t port = 0;  ///< as written, or 25 (smtp), 465 (smtps), 24 (lmtp); 0 for a Unix socket

  struct Error {
    std::string text;  ///< what is wrong, for a person
  };

  /// Empty if @p text is no such URL; @p error, if given, then says why.
  [[nodiscard]] static std::optional<RelayUrl> Parse(std::string_view text, Error* error = nullptr);
  [[nodiscard]] std::string ToString() const;
  [[nodiscard]] bool IsUnixSocket() const noexcept { return !host.empty() && host[0] == '/'; }
};

}  // namespace config
