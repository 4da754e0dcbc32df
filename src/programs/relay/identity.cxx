// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/identity.hxx"

#include "base/compound_key.hxx"
#include "base/text.hxx"
#include "courier/credentials.hxx"
#include "courier/protocol.hxx"
#include "crypto/digest.hxx"
#include "programs/relay/credential.hxx"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace relay {

namespace {

std::string FaultOfAuthorities(const std::string& path) {
  if (path.empty() || ::access(path.c_str(), R_OK) == 0) return {};
  return "TlsAuthorities=" + path + ": " + std::strerror(errno) +
         ": everybody must be able to read the file, and it can't be in a home directory";
}

// Who names the keys or authorities that a server must have does not mean whatever server answers; nor does
// who demands TLS.
config::Tls TlsOf(const config::RelayUrl& url, const config::RelayOptions& options,
                  mail::TlsDemand demand) noexcept {
  const bool names_server =
      !options.tls_pins.empty() || !options.tls_authorities.empty() || demand == mail::TlsDemand::Required;
  const bool is_lenient = url.tls == config::Tls::Opportunistic && !url.mx;
  return is_lenient && names_server ? config::Tls::Required : url.tls;
}

}  // namespace

std::optional<Identity> MakeIdentity(const std::string& url, const config::RelayOptions& options,
                                     const std::string& helo, mail::TlsDemand demand,
                                     mail::DeliveryResult& fault) {
  config::RelayUrl::Error error;
  auto relay = config::RelayUrl::Parse(url, &error);
  if (!relay) {
    fault = mail::Deferred("4.3.5", "Not a relay: " + Quote(url) + ": " + error.text);
    return std::nullopt;
  }
  if (const auto text = FaultOfAuthorities(options.tls_authorities); !text.empty()) {
    fault = mail::Deferred("4.3.5", text);
    return std::nullopt;
  }
  tls::Options tls{options.tls_pins, options.tls_authorities, {}};
  if (!options.tls_certificate.empty()) {
    tls.certificate = FindSecretFile(options.tls_certificate);
    if (tls.certificate.empty()) {
      fault = mail::Deferred(std::string(courier::kLoginRefused),
                             "No certificate for TlsCertificate=" + options.tls_certificate +
                                 ": write it and its key, in PEM, to " + SecretPath(options.tls_certificate));
      return std::nullopt;
    }
  }
  if (!relay->mx && demand == mail::TlsDemand::Optional) demand = mail::TlsDemand::None;
  relay->tls = TlsOf(*relay, options, demand);
  return Identity{std::move(*relay),        options.helo.empty() ? helo : options.helo,
                  options.source_addresses, std::move(tls),
                  options.insecure_auth,    demand,
                  options.token_command};
}

std::optional<mail::DeliveryResult> SetOwner(Identity& identity, const std::string& owner,
                                             std::string_view choice) {
  identity.owner = owner;
  if (identity.url.label.empty()) return std::nullopt;
  const auto text = courier::FindCredential(choice, identity.url.label);
  if (const auto parts = text ? sasl::SplitSecret(*text) : std::nullopt) {
    identity.digest = crypto::Sha256(*text);
    identity.secret = std::make_shared<const sasl::Secret>(parts->user, parts->password);
  }
  if (identity.secret) return std::nullopt;
  return mail::Deferred(
      std::string(courier::kLoginRefused),
      "No credential of " + owner + " for " + Quote(identity.url.label) + " has come with the message");
}

std::string Identity::Describe() const {
  return url.ToString() + (owner.empty() ? "" : " of the relay.conf of " + owner);
}

std::string Identity::CredentialPath() const {
  return owner.empty() ? SecretPath(url.label) : "~" + owner + "/.config/mailqueue/credentials/" + url.label;
}

bool Identity::HasOtherSecretThan(const Identity& other) const {
  return !owner.empty() && owner == other.owner && digest != other.digest &&
         url.ToString() == other.url.ToString();
}

std::string Identity::Key() const {
  std::string key = insecure_auth ? "insecure " : "";
  AppendPart(key, std::to_string(static_cast<int>(demand)));
  AppendPart(key, url.ToString());
  AppendPart(key, helo);
  AppendPart(key, source_addresses);
  AppendPart(key, tls.Key());
  AppendPart(key, token_command);
  AppendPart(key, owner);
  AppendPart(key, digest);
  return key;
}

}  // namespace relay
