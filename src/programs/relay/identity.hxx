// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/relay_options.hxx"
#include "config/relay_url.hxx"
#include "mail/delivery_result.hxx"
#include "mail/envelope.hxx"
#include "programs/relay/tls_options.hxx"

#include <optional>
#include <string>
#include <vector>

namespace relay {

/// All that makes two SMTP sessions interchangeable: protocol, host, port, TLS policy (with what messages
/// demand of it), credential, EHLO name and source address. Messages of different identities never share a
/// connection, nor a TLS session.
struct Identity {
  config::RelayUrl url;
  std::string helo;
  std::vector<std::string> source_addresses;  ///< numeric, one a family; an address of the host that is of
                                              ///< another family is passed over; empty: the kernel chooses
  TlsOptions tls;
  bool insecure_auth = false;                      ///< the password may go in clear text
  mail::TlsDemand demand = mail::TlsDemand::None;  ///< Optional only with mx://
  std::string token_command{};  ///< prints the token to log in with; empty: the credential's password does it

  /// The same for identities that are the same, and for no others.
  [[nodiscard]] std::string Key() const;
};

/// The identity that messages for @p url have.
/// @param helo where the options have none
/// @param demand of the messages
/// @param fault if there is none: why, as the result of such a message
[[nodiscard]] std::optional<Identity> MakeIdentity(const std::string& url,
                                                   const config::RelayOptions& options,
                                                   const std::string& helo, mail::TlsDemand demand,
                                                   mail::DeliveryResult& fault);

}  // namespace relay
