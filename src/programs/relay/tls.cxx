// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/tls.hxx"

#include <asio/ip/address.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <string_view>

namespace relay {

namespace {

constexpr std::size_t kExportedSize = 32;  // octets, RFC 9266 section 2

bool IsAddress(const std::string& host) {
  asio::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

TlsContext::TlsContext(Verify verify) : verify_(verify), context_(asio::ssl::context::tls_client) {
  SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context_.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  context_.set_verify_mode(verify == Verify::Yes ? asio::ssl::verify_peer : asio::ssl::verify_none);
}

asio::ssl::context& TlsContext::Get() {
  if (verify_ == Verify::Yes && !loaded_) context_.set_default_verify_paths();
  loaded_ = true;
  return context_;
}

TlsLayer::TlsLayer(Stream::Socket& socket, TlsContext& context, const std::string& host)
    : stream_(socket, context.Get()) {
  SetName(host);
  if (context.IsVerifying()) SetVerification(host);
}

void TlsLayer::SetName(const std::string& host) {
  if (!IsAddress(host)) SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str());
}

// A verification that can't be set up must not come out as one that has been passed.
void TlsLayer::SetVerification(const std::string& host) {
  auto* parameters = SSL_get0_param(stream_.native_handle());
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int done = IsAddress(host) ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                                   : X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size());
  if (done != 1) throw StreamError("4.7.5", "No certificate can be verified for this host name");
}

std::string TlsLayer::ExplainHandshake(const std::error_code& error) {
  const long verdict = SSL_get_verify_result(stream_.native_handle());
  if (SSL_get_verify_mode(stream_.native_handle()) != SSL_VERIFY_NONE && verdict != X509_V_OK)
    return std::string("the server's certificate is not good: ") + X509_verify_cert_error_string(verdict);
  return error.message();
}

// tls-unique is the first Finished message of the handshake: the client's, or the server's where a session is
// resumed. TLS 1.3 has no such thing (RFC 9266 section 1).
ChannelBinding TlsLayer::Binding() {
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

}  // namespace relay
