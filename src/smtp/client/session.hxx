// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"
#include "smtp/client/extensions.hxx"
#include "smtp/client/judge.hxx"
#include "smtp/client/login.hxx"

#include <optional>
#include <string>

namespace smtp {

/// Our name for the server, and the conditions under which it gets mail.
struct SessionPolicy {
  enum class StartTls { Never, IfOffered, Required };

  bool lmtp = false;
  std::string helo;
  StartTls starttls = StartTls::IfOffered;
  /// The reason, if it is Required, for a person: "STARTTLS, which REASON".
  std::string starttls_reason =
      "this relay requires: make it offer TLS, or choose another scheme for the relay (see Host= in "
      "mailqueue.conf(5))";
  bool tls = false;              ///< the channel is TLS from its first octet
  bool private_channel = false;  ///< nobody else can read it even without TLS: a Unix socket, the loopback
  bool insecure_auth = false;    ///< a password may be shown to whoever reads the network
};

/// The dialog up to the first MAIL: greeting, EHLO, STARTTLS and EHLO again, AUTH.
class Session {
 public:
  enum class State {
    Reply,    ///< the next reply: OnReply
    Tls,      ///< the TLS handshake, now: OnTls
    Ready,    ///< transactions may begin
    Refused,  ///< there will be no mail on this connection: Refusal() says why
  };

  /// @param authenticator not null where a login must succeed; outlives the session
  Session(SessionPolicy policy, Authenticator* authenticator) noexcept;

  /// Both append to @p out what is to be sent.
  void OnReply(const Reply& reply, std::string& out);
  void OnTls(std::string& out);
  /// Something outside of the dialog ends it.
  void Refuse(mail::DeliveryResult why);

  [[nodiscard]] State GetState() const noexcept { return state_; }
  /// The command that the next reply answers.
  [[nodiscard]] Place Expects() const noexcept { return place_; }
  [[nodiscard]] const Extensions& GetExtensions() const noexcept { return extensions_; }
  /// Not None if it was the login that failed.
  [[nodiscard]] LoginFault GetLoginFault() const noexcept { return login_fault_; }
  /// The mechanism of the login; empty where there was none.
  [[nodiscard]] std::string_view LoginMechanism() const noexcept {
    return login_ ? login_->Mechanism() : std::string_view();
  }
  /// Always Deferred: it is about us, not about a recipient.
  [[nodiscard]] const mail::DeliveryResult& Refusal() const noexcept { return refusal_; }

 private:
  void OnGreeting(const Reply& reply, std::string& out);
  void OnHello(const Reply& reply, std::string& out);
  void OnHelloRefused(const Reply& reply, std::string& out);
  void OnStartTls(const Reply& reply, std::string& out);
  void SayHello(std::string& out);
  void Negotiate(std::string& out);
  void LogIn(std::string& out);
  void OnLogin(Login::State state);
  void RefuseBy(const Reply& reply);

  SessionPolicy policy_;
  Authenticator* authenticator_;
  State state_ = State::Reply;
  Place place_ = Place::Greeting;
  bool old_hello_ = false;  // HELO has been said
  Extensions extensions_;
  std::optional<Login> login_;
  LoginFault login_fault_ = LoginFault::None;
  mail::DeliveryResult refusal_;
};

}  // namespace smtp
