// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "tls/channel_binding.hxx"
#include "tls/context.hxx"
#include "tls/policy.hxx"
#include "tls/sessions.hxx"
#include "tls/stream.hxx"
#include "tls/verdict.hxx"

#include <asio/ssl/stream.hpp>

#include <string>
#include <system_error>
#include <vector>

namespace tls {

/// The server that a TLS connection is for. The objects that it refers to outlive the connection.
struct Peer {
  Context& context;
  Sessions* sessions;  ///< to be resumed; null: none is
  const Policy& policy;
};

/// TLS on top of a socket.
class Layer {
 public:
  /// Throws StreamError.
  Layer(Stream::Socket& socket, const Peer& peer);
  ~Layer();
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

  [[nodiscard]] asio::ssl::stream<Stream::Socket&>& Get() noexcept { return stream_; }
  /// What a failed handshake with @p error means, for a person: the fault of the certificate, if it was that.
  [[nodiscard]] std::string ExplainHandshake(const std::error_code& error);
  /// How the verification of the certificate ended.
  [[nodiscard]] Verdict GetVerdict();
  /// After the handshake: throws StreamError if the server has none of the keys that are pinned.
  void CheckPins(const std::vector<std::string>& pins);
  /// After the handshake.
  [[nodiscard]] ChannelBinding Binding();
  /// After the handshake: protocol and cipher, and whose certificate by whom, for a person.
  [[nodiscard]] std::string Describe();

 private:
  void SetName(const std::string& host);
  void SetVerification(const std::string& host);
  void SetDane(const Policy& policy);

  asio::ssl::stream<Stream::Socket&> stream_;
};

/// "sha256//BASE64" of the key of a certificate (RFC 7469 section 2.4, but for the spelling).
[[nodiscard]] std::string PinOf(const X509* certificate);

}  // namespace tls
