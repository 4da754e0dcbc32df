// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/relay_options.hxx"
#include "config/relay_url.hxx"
#include "mail/delivery_result.hxx"
#include "mail/envelope.hxx"
#include "sasl/secret.hxx"
#include "tls/options.hxx"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  tls::Options tls;
  bool insecure_auth = false;                      ///< the password may go in clear text
  mail::TlsDemand demand = mail::TlsDemand::None;  ///< Optional only with mx://
  std::string token_command{};  ///< prints the token to log in with; empty: the credential's password does it
  std::string owner{};  ///< the user who has chosen the relay, and logs in with a secret of their own; empty:
                        ///< the administrator has
  std::string digest{};  ///< SHA-256 of the owner's secret: with another one it is another identity
  std::shared_ptr<const sasl::Secret> secret{};  ///< null: the owner does not log in, or there is none

  /// The same for identities that are the same, and for no others.
  [[nodiscard]] std::string Key() const;
  /// For a person: "smtps://work@mail.example", and whose relay it is.
  [[nodiscard]] std::string Describe() const;
  /// The name of the place where the secret is stored, for a person.
  [[nodiscard]] std::string CredentialPath() const;
  /// The same relay of the same user, but with another secret.
  [[nodiscard]] bool HasOtherSecretThan(const Identity& other) const;
};

/// The identity that messages for @p url have.
/// @param helo where the options have none
/// @param demand of the messages
/// @param fault if there is none: why, as the result of such a message
[[nodiscard]] std::optional<Identity> MakeIdentity(const std::string& url,
                                                   const config::RelayOptions& options,
                                                   const std::string& helo, mail::TlsDemand demand,
                                                   mail::DeliveryResult& fault);

/// Makes it the identity of a user, with their own secret in place of the machine's.
/// @param choice of the owner: names the identity's relay, and has the secret (OwnChoice::text)
/// @return if there is no such secret: why, as the result of a message
[[nodiscard]] std::optional<mail::DeliveryResult> SetOwner(Identity& identity, const std::string& owner,
                                                           std::string_view choice);

}  // namespace relay
