// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/stream.hxx"
#include "programs/relay/tls_options.hxx"
#include "programs/relay/tls_policy.hxx"
#include "programs/relay/tls_sessions.hxx"

#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace relay {

/// How TLS is done with the servers of one kind: TLS 1.2 at least, and the certificate verified or not.
class TlsContext {
 public:
  enum class Verify {
    No,
    Yes,  ///< its key is one of those that the options pin, or, if they pin none, its chain and name are good
    Dane,  ///< it is one that TLSA records name
  };

  /// Throws std::system_error where a file of the options can't be used.
  TlsContext(Verify verify, TlsOptions options);
  /// Loads the store of authorities at its first call, for the system's takes a megabyte and some 30 ms: that
  /// call may be made in any thread, with no other one beside it. Throws std::system_error.
  [[nodiscard]] asio::ssl::context& Get();
  /// Get() is quick. In any thread.
  [[nodiscard]] bool IsLoaded() const noexcept { return !VerifiesChain() || loaded_; }
  [[nodiscard]] Verify GetVerify() const noexcept { return verify_; }
  /// The chain and the name are verified in the handshake.
  [[nodiscard]] bool VerifiesChain() const noexcept {
    return verify_ == Verify::Yes && options_.pins.empty();
  }
  /// Keys of which the server must have one; empty: any.
  [[nodiscard]] const std::vector<std::string>& Pins() const noexcept { return options_.pins; }

 private:
  void LoadAuthorities();

  const Verify verify_;
  TlsOptions options_;
  asio::ssl::context context_;
  std::atomic<bool> loaded_ = false;
};

/// Binds a login to the TLS connection that it is made over (RFC 5929, RFC 9266).
struct ChannelBinding {
  std::string exporter;  ///< tls-exporter, for TLS 1.3; octets; empty: can't be used
  std::string unique;    ///< tls-unique, for TLS 1.2; likewise
};

/// The server that a TLS connection is for. The objects that it refers to outlive the connection.
struct TlsPeer {
  TlsContext& context;
  TlsSessions* sessions;  ///< to be resumed; null: none is
  const TlsPolicy& policy;
};

/// TLS on top of a socket.
class TlsLayer {
 public:
  /// Throws StreamError.
  TlsLayer(Stream::Socket& socket, const TlsPeer& peer);
  ~TlsLayer();
  TlsLayer(const TlsLayer&) = delete;
  TlsLayer& operator=(const TlsLayer&) = delete;

  [[nodiscard]] asio::ssl::stream<Stream::Socket&>& Get() noexcept { return stream_; }
  /// What a failed handshake with @p error means, for a person: the fault of the certificate, if it was that.
  [[nodiscard]] std::string ExplainHandshake(const std::error_code& error);
  /// How the verification of the certificate ended: an X509_V_ERR_* of OpenSSL.
  [[nodiscard]] long Verdict() { return SSL_get_verify_result(stream_.native_handle()); }
  /// After the handshake: throws StreamError if the server has none of the keys that are pinned.
  void CheckPins(const std::vector<std::string>& pins);
  /// After the handshake.
  [[nodiscard]] ChannelBinding Binding();
  /// After the handshake: protocol and cipher, and whose certificate by whom, for a person.
  [[nodiscard]] std::string Describe();

 private:
  void SetName(const std::string& host);
  void SetVerification(const std::string& host);
  void SetDane(const TlsPolicy& policy);

  asio::ssl::stream<Stream::Socket&> stream_;
};

/// "sha256//BASE64" of the key of a certificate (RFC 7469 section 2.4, but for the spelling).
[[nodiscard]] std::string PinOf(const X509* certificate);

}  // namespace relay
