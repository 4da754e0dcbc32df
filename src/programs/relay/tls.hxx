// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/stream.hxx"

#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>

#include <memory>
#include <string>

namespace relay {

/// How TLS is done with the servers of one kind: TLS 1.2 at least, and either the certificate's chain and
/// name are verified against the system's store of authorities, or neither is.
class TlsContext {
 public:
  enum class Verify { No, Yes };

  /// Throws std::system_error.
  explicit TlsContext(Verify verify);
  /// Loads the store of authorities at its first call, for it takes a megabyte. Throws std::system_error.
  [[nodiscard]] asio::ssl::context& Get();
  [[nodiscard]] bool IsVerifying() const noexcept { return verify_ == Verify::Yes; }

 private:
  const Verify verify_;
  asio::ssl::context context_;
  bool loaded_ = false;
};

/// What ties a login to the TLS connection that it is made over (RFC 5929, RFC 9266).
struct ChannelBinding {
  std::string exporter;  ///< tls-exporter, for TLS 1.3; octets; empty: can't be used
  std::string unique;    ///< tls-unique, for TLS 1.2; likewise
};

/// TLS on top of a socket.
class TlsLayer {
 public:
  /// @param host what the certificate must name, where @p context verifies; sent as SNI if it is a name
  /// Throws StreamError.
  TlsLayer(Stream::Socket& socket, TlsContext& context, const std::string& host);

  [[nodiscard]] asio::ssl::stream<Stream::Socket&>& Get() noexcept { return stream_; }
  /// What a failed handshake with @p error means, for a person: the fault of the certificate, if it was that.
  [[nodiscard]] std::string ExplainHandshake(const std::error_code& error);
  /// After the handshake.
  [[nodiscard]] ChannelBinding Binding();

 private:
  void SetName(const std::string& host);
  void SetVerification(const std::string& host);

  asio::ssl::stream<Stream::Socket&> stream_;
};

}  // namespace relay
