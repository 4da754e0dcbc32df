// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <deque>
#include <memory>

namespace tls {

/// TLS sessions with the servers of one identity, to be resumed: a handshake without certificates, and half
/// as long. One that TLS 1.3 gave is used once (RFC 8446 appendix C.4).
class Sessions {
 public:
  static constexpr std::size_t kMax = 10;

  /// Has @p context, which is of this identity alone or shared, give new sessions to those that their
  /// connections belong to.
  static void Watch(SSL_CTX* context);

  /// Has the handshake of @p connection resume a session if there is one, and keeps those it gives. Outlives
  /// the connection.
  void Attach(SSL* connection);
  [[nodiscard]] std::size_t Size() const noexcept { return sessions_.size(); }

 private:
  struct Free {
    void operator()(SSL_SESSION* session) const noexcept;
  };

  static int OnNew(SSL* connection, SSL_SESSION* session);

  std::deque<std::unique_ptr<SSL_SESSION, Free>> sessions_;  // the newest last
};

}  // namespace tls
