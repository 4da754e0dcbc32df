// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/login.hxx"

#include "smtp/client/judge.hxx"

#include <utility>

namespace smtp {

namespace {

constexpr std::size_t kMaxCommandLine = 500;  // octets; RFC 5321 section 4.5.3.1.4 has 512 with CRLF

// True if another mechanism may succeed where this one failed (RFC 4954 sections 4 and 6).
bool IsAboutMechanism(int code) {
  return code == 504 || code == 534 || code == 538;
}

}  // namespace

Login::Login(Authenticator& authenticator, const Extensions& extensions, bool confidential)
    : authenticator_(authenticator) {
  bool withheld = false;
  for (const auto& mechanism : authenticator.Mechanisms()) {
    if (!extensions.HasAuth(mechanism.name)) continue;
    if (confidential || !mechanism.clear_text)
      candidates_.push_back(mechanism);
    else
      withheld = true;
  }
  refusal_ = mail::Deferred(
      "4.7.0", withheld ? "the server's login mechanisms would show the password to the network: use TLS"
               : extensions.auth.empty() ? "the server offers no login"
                                         : "the server offers no login mechanism known here");
}

Login::State Login::Start(std::string& out) {
  for (; !candidates_.empty(); candidates_.erase(candidates_.begin())) {
    auto response = authenticator_.Start(candidates_.front().name);
    if (!response) {
      refusal_ = mail::Deferred("4.7.0", "the login mechanism failed before it was sent");
      continue;
    }
    std::string command = "AUTH " + std::string(candidates_.front().name);
    held_.reset();
    if (candidates_.front().server_first || command.size() + response->size() >= kMaxCommandLine)
      held_ = std::move(*response);
    else if (!response->empty())
      command += " " + *response;
    out += command + "\r\n";
    return State::Running;
  }
  return State::Refused;
}

Login::State Login::OnReply(const Reply& reply, std::string& out) {
  if (reply.Class() == 2 && !cancelled_) return OnAccepted();
  if (reply.Class() == 3) return OnChallenge(reply, out);
  return OnRefused(reply, out);
}

// 235 before the mechanism is complete does not prove that the server knows the password.
Login::State Login::OnAccepted() {
  if (authenticator_.IsComplete()) {
    fault_ = LoginFault::None;
    return State::Done;
  }
  fault_ = LoginFault::Rejected;
  refusal_ = mail::Deferred("4.7.8", "the server did not prove that it knows the password");
  return State::Refused;
}

Login::State Login::OnChallenge(const Reply& reply, std::string& out) {
  if (cancelled_) return State::Refused;
  auto response = held_ ? std::exchange(held_, std::nullopt) : authenticator_.Step(reply.lines.front());
  if (!response) {
    cancelled_ = true;
    fault_ = LoginFault::Rejected;
    refusal_ = mail::Deferred("4.7.8",
                              "the server's challenge makes no sense, or shows that it does not know "
                              "the password");
    response = "*";
  }
  out += *response + "\r\n";
  return State::Running;
}

Login::State Login::OnRefused(const Reply& reply, std::string& out) {
  if (cancelled_) return State::Refused;
  refusal_ = Judge(reply, Place::Auth);
  fault_ = reply.Class() != 5  ? LoginFault::Passing
           : reply.code == 535 ? LoginFault::Password
                               : LoginFault::Rejected;
  if (reply.Class() == 5) refusal_.status = "4.7.8";
  if (!IsAboutMechanism(reply.code) || candidates_.empty()) return State::Refused;
  candidates_.erase(candidates_.begin());
  return Start(out);
}

}  // namespace smtp
