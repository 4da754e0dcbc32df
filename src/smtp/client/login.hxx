// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"
#include "smtp/client/extensions.hxx"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smtp {

/// The client's side of SASL (RFC 4422): what knows the secret.
class Authenticator {
 public:
  struct Mechanism {
    std::string_view name;
    bool clear_text = false;    ///< shows the secret to whoever can read the channel
    bool server_first = false;  ///< servers wait with their first challenge, and take no initial response
  };

  virtual ~Authenticator() = default;
  /// Strongest first.
  [[nodiscard]] virtual std::vector<Mechanism> Mechanisms() const = 0;
  /// Begins a mechanism anew. @return the initial response in base64, empty where the server speaks
  /// first; nullopt if the mechanism can't be used
  [[nodiscard]] virtual std::optional<std::string> Start(std::string_view mechanism) = 0;
  /// @param challenge and result in base64; nullopt: the challenge makes no sense, or fails to prove the
  /// server
  [[nodiscard]] virtual std::optional<std::string> Step(std::string_view challenge) = 0;
  /// The mechanism has come to its end: where the server has to prove that it knows the secret, too, it has.
  [[nodiscard]] virtual bool IsComplete() const noexcept = 0;
};

/// Why there was no login.
enum class LoginFault {
  None,
  Passing,   ///< the server can't tell now, or both sides know no mechanism that may be used
  Rejected,  ///< the server has said no for good (5xx), or did not prove itself
  Password,  ///< it has said that the credential is wrong (535)
};

/// The AUTH dialog of RFC 4954: the mechanisms that both sides know, strongest first, until one is taken. The
/// next one has its turn only if the server does not do the one before: not for a password that it has found
/// wrong, which another mechanism would show to it, and count as one more failed attempt.
class Login {
 public:
  enum class State { Running, Done, Refused };

  /// @param confidential clear-text mechanisms may be used
  Login(Authenticator& authenticator, const Extensions& extensions, bool confidential);

  /// Both append to @p out what is to be sent.
  State Start(std::string& out);
  State OnReply(const Reply& reply, std::string& out);
  /// Why the state is Refused; always Deferred.
  [[nodiscard]] const mail::DeliveryResult& Refusal() const noexcept { return refusal_; }
  [[nodiscard]] LoginFault Fault() const noexcept { return fault_; }
  /// The mechanism that runs, or has run to its end; empty where there is none.
  [[nodiscard]] std::string_view Mechanism() const noexcept {
    return candidates_.empty() ? std::string_view() : candidates_.front().name;
  }

 private:
  State OnChallenge(const Reply& reply, std::string& out);
  State OnRefused(const Reply& reply, std::string& out);
  State OnAccepted();

  Authenticator& authenticator_;
  std::vector<Authenticator::Mechanism> candidates_;  // front: the one that runs
  std::optional<std::string> held_;                   // an initial response that does not go with the command
  bool cancelled_ = false;
  mail::DeliveryResult refusal_;
  LoginFault fault_ = LoginFault::Passing;
};

}  // namespace smtp
