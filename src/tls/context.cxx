// SPDX-License-Identifier: BSD-2-Clause
#include "tls/context.hxx"

#include "tls/sessions.hxx"

#include <openssl/ssl.h>

#include <utility>

namespace tls {

Context::Context(Verify verify, Options options)
    : verify_(verify), options_(std::move(options)), context_(asio::ssl::context::tls_client) {
  SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context_.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  Sessions::Watch(context_.native_handle());
  if (verify_ != Verify::Yes) options_.pins.clear();
  const bool verifies = VerifiesChain() || verify_ == Verify::Dane;
  context_.set_verify_mode(verifies ? asio::ssl::verify_peer : asio::ssl::verify_none);
  if (verify_ == Verify::Dane) SSL_CTX_dane_enable(context_.native_handle());
  if (options_.certificate.empty()) return;
  context_.use_certificate_chain_file(options_.certificate);
  context_.use_private_key_file(options_.certificate, asio::ssl::context::pem);
}

asio::ssl::context& Context::Get() {
  if (VerifiesChain() && !loaded_) LoadAuthorities();
  loaded_ = true;
  return context_;
}

void Context::LoadAuthorities() {
  if (options_.authorities.empty())
    context_.set_default_verify_paths();
  else
    context_.load_verify_file(options_.authorities);
}

}  // namespace tls
