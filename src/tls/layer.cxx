// SPDX-License-Identifier: BSD-2-Clause
#include "tls/layer.hxx"

#include "crypto/base64.hxx"
#include "crypto/digest.hxx"

#include <asio/ip/address.hpp>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tls {

namespace {

constexpr std::size_t kExportedSize = 32;  // octets, RFC 9266 section 2

bool IsAddress(const std::string& host) {
  asio::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

Layer::Layer(Stream::Socket& socket, const Peer& peer) : stream_(socket, peer.context.Get()) {
  const auto& host = peer.policy.host;
  SetName(host);
  if (peer.context.VerifiesChain()) SetVerification(host);
  if (peer.context.GetVerify() == Context::Verify::Dane) SetDane(peer.policy);
  if (peer.sessions) peer.sessions->Attach(stream_.native_handle());
}

// SMTP has QUIT, and servers often close without close_notify. OpenSSL would take that for an attack, and
// refuse to resume the session.
Layer::~Layer() {
  SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void Layer::SetName(const std::string& host) {
  if (!IsAddress(host)) SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str());
}

// If the verification can't be set up, the handshake must fail, not pass unverified.
void Layer::SetVerification(const std::string& host) {
  auto* parameters = SSL_get0_param(stream_.native_handle());
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int done = IsAddress(host) ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                                   : X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size());
  if (done != 1) throw StreamError("4.7.5", "No certificate can be verified for this host name");
}

// RFC 7672 section 3: names count with DANE-TA alone, and dates nowhere.
void Layer::SetDane(const Policy& policy) {
  SSL* const ssl = stream_.native_handle();
  int usable = 0;
  if (SSL_dane_enable(ssl, policy.host.c_str()) > 0) {
    SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    for (const auto& name : policy.names) SSL_add1_host(ssl, name.c_str());
    for (const auto& record : policy.tlsa)
      if (SSL_dane_tlsa_add(ssl, record.usage, record.selector, record.matching,
                            reinterpret_cast<const unsigned char*>(record.data.data()),
                            record.data.size()) > 0)
        ++usable;
  }
  if (usable == 0)
    throw StreamError("4.7.5", "No certificate can be verified with the TLSA records of this host");
}

Verdict Layer::GetVerdict() {
  return ToVerdict(SSL_get_verify_result(stream_.native_handle()));
}

std::string Layer::ExplainHandshake(const std::error_code& error) {
  const long verdict = SSL_get_verify_result(stream_.native_handle());
  if (SSL_get_verify_mode(stream_.native_handle()) != SSL_VERIFY_NONE && verdict != X509_V_OK)
    return std::string("the server's certificate is not good: ") + X509_verify_cert_error_string(verdict);
  return error.message();
}

void Layer::CheckPins(const std::vector<std::string>& pins) {
  const X509* const certificate = SSL_get0_peer_certificate(stream_.native_handle());
  const auto pin = certificate ? PinOf(certificate) : std::string();
  if (pins.empty() || std::ranges::find(pins, pin) != pins.end()) return;
  throw StreamError("4.7.5", "The server's key is not one of those that are pinned: " + pin);
}

// tls-unique is the first Finished message of the handshake: the client's, or the server's where a session is
// resumed. TLS 1.3 has no such thing (RFC 9266 section 1).
ChannelBinding Layer::Binding() {
  SSL* const ssl = stream_.native_handle();
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets;
  const auto take = [&octets](std::size_t size) {
    return std::string(reinterpret_cast<const char*>(octets.data()), size);
  };
  if (SSL_version(ssl) == TLS1_2_VERSION)
    return {{},
            take(SSL_session_reused(ssl) ? SSL_get_peer_finished(ssl, octets.data(), octets.size())
                                         : SSL_get_finished(ssl, octets.data(), octets.size()))};
  static constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  if (SSL_export_keying_material(ssl, octets.data(), kExportedSize, kLabel.data(), kLabel.size(), nullptr, 0,
                                 1) != 1)
    return {};
  return {take(kExportedSize), {}};
}

std::string Layer::Describe() {
  SSL* const ssl = stream_.native_handle();
  auto text = std::string(SSL_get_version(ssl)) + ", " + SSL_get_cipher_name(ssl);
  const X509* const certificate = SSL_get0_peer_certificate(ssl);
  if (!certificate) return text + ", no certificate";
  std::array<char, 256> name{};
  X509_NAME_oneline(X509_get_subject_name(certificate), name.data(), static_cast<int>(name.size()));
  text += ", certificate of " + std::string(name.data());
  X509_NAME_oneline(X509_get_issuer_name(certificate), name.data(), static_cast<int>(name.size()));
  return text + " by " + name.data() + ", key " + PinOf(certificate);
}

std::string PinOf(const X509* certificate) {
  unsigned char* key = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
  if (size <= 0) return {};
  const std::string octets(reinterpret_cast<const char*>(key), static_cast<std::size_t>(size));
  OPENSSL_free(key);
  return "sha256//" + crypto::ToBase64(crypto::Sha256(octets));
}

}  // namespace tls
