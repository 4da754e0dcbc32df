// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>
#include <optional>
#include <string>

struct Gsasl;
struct Gsasl_session;

namespace sink {

/// What ties a login to the TLS connection that it is made over, in base64; empty: nothing does.
struct ChannelBinding {
  std::string exporter;  ///< tls-exporter, RFC 9266
  std::string unique;    ///< tls-unique, RFC 5929
};

/// The server's side of a mechanism by GNU SASL: SCRAM-SHA-1, SCRAM-SHA-256, both with -PLUS, EXTERNAL.
class SaslServer {
 public:
  enum class State { Running, Accepted, Refused };

  SaslServer(const std::string& mechanism, std::string user, std::string password,
             const ChannelBinding& binding);

  /// @param response of the client, in base64
  /// @return the next challenge, in base64; empty if the client gets none
  std::string Step(const std::string& response);
  [[nodiscard]] State GetState() const noexcept { return state_; }

 private:
  struct Done {
    void operator()(Gsasl* library) const noexcept;
    void operator()(Gsasl_session* session) const noexcept;
  };
  static int OnProperty(Gsasl* library, Gsasl_session* session, int property);

  const std::string user_;
  const std::string password_;
  std::unique_ptr<Gsasl, Done> library_;
  std::unique_ptr<Gsasl_session, Done> session_;
  State state_ = State::Refused;
};

}  // namespace sink
