// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"
#include "programs/relay/identity.hxx"
#include "sasl/client.hxx"
#include "sasl/token_client.hxx"
#include "sasl/token_source.hxx"

#include <asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace relay {

/// How an identity logs in: with the password of its credential, a token, or its certificate; or not at all,
/// where its URL has no label.
class Authentication {
 public:
  /// Both outlive it.
  Authentication(const Identity& identity, sasl::TokenSource& tokens) noexcept
      : identity_(identity), tokens_(tokens) {}

  /// Gets what a login takes. @return empty if that is there; else why not, as the result of all that wait
  [[nodiscard]] asio::awaitable<std::optional<mail::DeliveryResult>> Prepare();
  /// Null where there is no login.
  [[nodiscard]] smtp::Authenticator* Get() const noexcept;
  /// Like sasl::Client::SetBinding.
  void SetBinding(tls::ChannelBinding binding);
  /// After a refused login: true, once, if a new Prepare may get something better.
  [[nodiscard]] bool Renew();

 private:
  std::optional<mail::DeliveryResult> PreparePassword();
  [[nodiscard]] std::optional<sasl::Secret> OwnSecret(std::string& why) const;
  asio::awaitable<std::optional<mail::DeliveryResult>> PrepareToken();

  const Identity& identity_;
  sasl::TokenSource& tokens_;
  std::unique_ptr<sasl::Client> password_;
  std::unique_ptr<sasl::TokenClient> token_;
  std::string token_text_;
  bool renewed_ = false;
};

}  // namespace relay
