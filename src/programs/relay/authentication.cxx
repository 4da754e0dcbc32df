// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/authentication.hxx"

#include "courier/protocol.hxx"
#include "programs/relay/credential.hxx"

#include <stdexcept>
#include <utility>

namespace relay {

namespace {

// The login is not tried, so the server counts no failed attempt.
mail::DeliveryResult NoCredential(const std::string& why) {
  return mail::Deferred(std::string(courier::kLoginRefused), why);
}

}  // namespace

asio::awaitable<std::optional<mail::DeliveryResult>> Authentication::Prepare() {
  if (identity_.url.label.empty()) co_return std::nullopt;
  std::optional<mail::DeliveryResult> fault;
  try {
    if (identity_.token_command.empty())
      fault = PreparePassword();
    else
      fault = co_await PrepareToken();
  } catch (const std::exception& error) {
    fault = NoCredential(error.what());
  }
  co_return fault;
}

std::optional<mail::DeliveryResult> Authentication::PreparePassword() {
  const bool has_certificate = !identity_.tls.certificate.empty();
  std::string why;
  auto secret = identity_.owner.empty() ? FindSecret(identity_.url.label, why) : OwnSecret(why);
  if (!secret && !has_certificate) return NoCredential(why);
  password_ = std::make_unique<sasl::Client>(std::move(secret), has_certificate);
  return std::nullopt;
}

// The secret of the user who owns the identity. A user's mail is never sent with the machine's secret
// instead.
std::optional<sasl::Secret> Authentication::OwnSecret(std::string& why) const {
  if (identity_.secret) return sasl::Secret(identity_.secret->user, identity_.secret->password);
  why = "No credential of " + identity_.owner;
  return std::nullopt;
}

asio::awaitable<std::optional<mail::DeliveryResult>> Authentication::PrepareToken() {
  std::string why;
  auto user = FindUserName(identity_.url.label, why);
  if (!user) co_return NoCredential(why);
  token_text_ = co_await tokens_.Find(identity_.token_command);
  token_ = std::make_unique<sasl::TokenClient>(
      sasl::TokenClient::Login{std::move(*user), token_text_, identity_.url.host, identity_.url.port});
  co_return std::nullopt;
}

smtp::Authenticator* Authentication::Get() const noexcept {
  if (token_) return token_.get();
  return password_.get();
}

void Authentication::SetBinding(tls::ChannelBinding binding) {
  if (password_) password_->SetBinding(std::move(binding));
}

bool Authentication::Renew() {
  if (!token_ || std::exchange(renewed_, true)) return false;
  tokens_.Forget(identity_.token_command, token_text_);
  return true;
}

}  // namespace relay
