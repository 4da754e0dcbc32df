// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/client/login.hxx"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sasl {

/// A login with an access token instead of a password: OAUTHBEARER (RFC 7628) and XOAUTH2, which Google
/// and Microsoft had before it.
class TokenClient : public smtp::Authenticator {
 public:
  struct Login {
    std::string user;
    std::string token;
    std::string host;  ///< of the server, as the relay's URL has it
    unsigned port = 0;
  };

  explicit TokenClient(Login login) : login_(std::move(login)) {}
  /// Wipes the token.
  ~TokenClient() override;
  TokenClient(const TokenClient&) = delete;
  TokenClient& operator=(const TokenClient&) = delete;

  [[nodiscard]] std::vector<Mechanism> Mechanisms() const override;
  [[nodiscard]] std::optional<std::string> Start(std::string_view mechanism) override;
  /// The only challenge is a server's account of what it has against the token. It is answered as each
  /// mechanism wants it, for the server refuses only then.
  [[nodiscard]] std::optional<std::string> Step(std::string_view challenge) override;
  [[nodiscard]] bool IsComplete() const noexcept override { return complete_; }

 private:
  Login login_;
  bool bearer_ = false;  // OAUTHBEARER runs
  bool complete_ = false;
};

}  // namespace sasl
