// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/session.hxx"

#include <utility>

namespace smtp {

Session::Session(SessionPolicy policy, Authenticator* authenticator) noexcept
    : policy_(std::move(policy)), authenticator_(authenticator) {}

void Session::OnReply(const Reply& reply, std::string& out) {
  switch (place_) {
    case Place::Greeting:
      return OnGreeting(reply, out);
    case Place::Hello:
      return OnHello(reply, out);
    case Place::StartTls:
      return OnStartTls(reply, out);
    default:
      return OnLogin(login_->OnReply(reply, out));
  }
}

void Session::OnTls(std::string& out) {
  policy_.tls = true;
  policy_.starttls = SessionPolicy::StartTls::Never;
  extensions_ = {};  // what was said before the handshake may have come from anybody (RFC 3207 section 4.2)
  SayHello(out);
}

void Session::Refuse(mail::DeliveryResult why) {
  refusal_ = std::move(why);
  state_ = State::Refused;
}

void Session::RefuseBy(const Reply& reply) {
  auto result = Judge(reply, place_);
  if (result.outcome == mail::Outcome::Delivered) result = mail::Deferred("4.5.0", result.text);
  result.text = "The server refused us at " + std::string(ToString(place_)) + ": " + result.text;
  Refuse(std::move(result));
}

void Session::OnGreeting(const Reply& reply, std::string& out) {
  if (reply.code == 220) return SayHello(out);
  RefuseBy(reply);
}

void Session::SayHello(std::string& out) {
  place_ = Place::Hello;
  state_ = State::Reply;
  out += (old_hello_ ? "HELO " : policy_.lmtp ? "LHLO " : "EHLO ") + policy_.helo + "\r\n";
}

void Session::OnHello(const Reply& reply, std::string& out) {
  if (reply.Class() != 2) return OnHelloRefused(reply, out);
  if (!old_hello_) extensions_ = Extensions::Parse(reply);
  Negotiate(out);
}

// A server from before RFC 1425 knows HELO only. That is good enough if neither TLS nor a login is required.
void Session::OnHelloRefused(const Reply& reply, std::string& out) {
  const bool unknown = reply.code == 500 || reply.code == 501 || reply.code == 502 || reply.code == 504;
  const bool plain =
      !policy_.lmtp && !authenticator_ && policy_.starttls != SessionPolicy::StartTls::Required;
  if (!unknown || !plain || old_hello_) return RefuseBy(reply);
  old_hello_ = true;
  SayHello(out);
}

void Session::Negotiate(std::string& out) {
  using StartTls = SessionPolicy::StartTls;
  if (policy_.tls || policy_.starttls == StartTls::Never) return LogIn(out);
  if (extensions_.starttls) {
    place_ = Place::StartTls;
    out += "STARTTLS\r\n";
  } else if (policy_.starttls == StartTls::Required) {
    Refuse(mail::Deferred("4.7.4", "The server does not offer STARTTLS, which " + policy_.starttls_reason));
  } else {
    LogIn(out);
  }
}

void Session::OnStartTls(const Reply& reply, std::string& out) {
  if (reply.code == 220)
    state_ = State::Tls;
  else if (policy_.starttls == SessionPolicy::StartTls::Required || reply.code == 421)
    RefuseBy(reply);
  else
    LogIn(out);
}

void Session::LogIn(std::string& out) {
  if (!authenticator_) {
    state_ = State::Ready;
    return;
  }
  place_ = Place::Auth;
  login_.emplace(*authenticator_, extensions_,
                 policy_.tls || policy_.private_channel || policy_.insecure_auth);
  OnLogin(login_->Start(out));
}

void Session::OnLogin(Login::State state) {
  if (state == Login::State::Done) state_ = State::Ready;
  if (state != Login::State::Refused) return;
  login_fault_ = login_->Fault();
  Refuse(login_->Refusal());
}

}  // namespace smtp
