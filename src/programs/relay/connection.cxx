// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/connection.hxx"

#include "base/text.hxx"
#include "programs/relay/connector.hxx"
#include "programs/relay/message_text.hxx"
#include "programs/relay/tls_contexts.hxx"
#include "smtp/timeouts.hxx"

#include <stdexcept>
#include <utility>

namespace relay {

using config::Tls;
using smtp::Client;
using StartTlsPolicy = smtp::SessionPolicy::StartTls;

namespace {

StartTlsPolicy PolicyOf(Tls tls) noexcept {
  switch (tls) {
    case Tls::Required:
      return StartTlsPolicy::Required;
    case Tls::Opportunistic:
      return StartTlsPolicy::IfOffered;
    case Tls::Never:
    case Tls::Implicit:
      break;
  }
  return StartTlsPolicy::Never;
}

}  // namespace

asio::awaitable<std::optional<mail::DeliveryResult>> Connection::Open() {
  if (auto fault = FindAuthenticator()) co_return fault;
  auto refusal = co_await TryOpen(PolicyOf(identity_.url.tls));
  // Opportunistic TLS defends against nobody who could break a handshake, so a broken server gets the mail
  // without it.
  if (refusal && tls_failed_ && identity_.url.tls == Tls::Opportunistic)
    refusal = co_await TryOpen(StartTlsPolicy::Never);
  co_return refusal;
}

std::optional<mail::DeliveryResult> Connection::FindAuthenticator() {
  if (identity_.url.label.empty()) return std::nullopt;
  try {
    std::string why;
    auto secret = FindSecret(identity_.url.label, why);
    if (!secret) return mail::Deferred("4.7.8", why);
    authenticator_ = std::make_unique<SaslClient>(std::move(*secret));
    return std::nullopt;
  } catch (const std::exception& error) {
    return mail::Deferred("4.7.8", error.what());
  }
}

asio::awaitable<std::optional<mail::DeliveryResult>> Connection::TryOpen(StartTlsPolicy starttls) {
  Policy policy;
  policy.lmtp = identity_.url.protocol == config::Protocol::Lmtp;
  policy.helo = identity_.helo;
  policy.starttls = starttls;
  policy.tls = identity_.url.tls == Tls::Implicit;
  std::optional<mail::DeliveryResult> fault;
  try {
    co_await Reach(policy);
  } catch (const StreamError& error) {
    fault = error.Result();
  } catch (const std::exception& error) {
    fault = mail::Deferred("4.3.0", error.what());
  }
  if (!fault) {
    client_ = std::make_unique<Client>(std::move(policy), authenticator_.get());
    co_await Run(nullptr);
    if (IsReady()) co_return std::nullopt;
    fault = ExplainRefusal();
  }
  fault->remote = remote_;
  co_return fault;
}

asio::awaitable<void> Connection::Reach(Policy& policy) {
  auto connected = co_await Connect(identity_.url);
  stream_ = std::move(connected.stream);
  remote_ = std::move(connected.remote);
  policy.private_channel = connected.private_channel;
  if (policy.tls) co_await StartTls();
}

mail::DeliveryResult Connection::ExplainRefusal() const {
  auto refusal = *client_->Refusal();
  if (!client_->IsLoginRefused()) return refusal;
  const auto& label = identity_.url.label;
  refusal.text = "Login as " + Quote(label) + " (" + SecretPath(label) + ") refused: " + refusal.text;
  return refusal;
}

asio::awaitable<Connection::Delivery> Connection::Deliver(const Job& job) {
  client_->Begin(job.request.envelope, job.message_size);
  co_await Run(&job);
  Delivery delivery;
  delivery.untouched = !IsReady() && client_->IsUntouched();
  delivery.results = client_->TakeResults().value();
  for (auto& result : delivery.results) result.remote = remote_;
  co_return delivery;
}

asio::awaitable<void> Connection::Quit() {
  client_->Quit();
  co_await Run(nullptr);
}

bool Connection::IsReady() const noexcept {
  return client_ && client_->GetNeed() == Client::Need::Ready;
}

// Until the client needs something else than the server: a transaction, or an end.
asio::awaitable<void> Connection::Run(const Job* job) {
  std::optional<mail::DeliveryResult> lost;
  bool broken = false;
  try {
    co_await Drive(job);
  } catch (const StreamError& error) {
    lost = Explain(error);
    broken = true;
  } catch (const std::exception& error) {
    lost = mail::Deferred("4.3.0", error.what());
  }
  if (!lost) co_return;
  if (!broken || client_->GetNeed() != Client::Need::Text) co_return client_->OnLost(*lost);
  const auto last_words = co_await ReadLastWords();
  client_->OnCutOff(last_words, *lost);
}

// A server that will not take the rest of a message says so and closes the connection.
asio::awaitable<std::string_view> Connection::ReadLastWords() {
  std::size_t size = 0;
  try {
    size = co_await stream_->Read(input_, smtp::kLastWordsTimeout);
  } catch (const StreamError&) {
    // Then it has said nothing.
  }
  co_return std::string_view(input_.data(), size);
}

asio::awaitable<void> Connection::Drive(const Job* job) {
  for (;;) {
    co_await Flush();
    switch (client_->GetNeed()) {
      case Client::Need::Input:
        co_await ReadInput();
        break;
      case Client::Need::Tls:
        co_await StartTls();
        client_->OnTls();
        break;
      case Client::Need::Text:
        co_await SendText(*job);
        client_->OnTextSent();
        break;
      case Client::Need::Ready:
      case Client::Need::Close:
        co_return;
    }
  }
}

asio::awaitable<void> Connection::Flush() {
  const std::string output = client_->TakeOutput();
  if (!output.empty()) co_await stream_->Write(output, smtp::kBlockTimeout);
}

asio::awaitable<void> Connection::ReadInput() {
  const auto size = co_await stream_->Read(input_, smtp::TimeoutOf(client_->Expects()));
  client_->OnInput({input_.data(), size});
}

asio::awaitable<void> Connection::StartTls() {
  const bool verify = identity_.url.tls != Tls::Opportunistic;
  tls_failed_ = true;
  co_await stream_->StartTls(verify ? tls_.verifying : tls_.any, identity_.url.host, smtp::kTlsTimeout);
  tls_failed_ = false;
}

asio::awaitable<void> Connection::SendText(const Job& job) {
  MessageText text(job.message, job.message_size);
  while (const auto block = text.Next()) {
    // Whoever asked and has gone will ask again: better not at all now than twice.
    if (text.AtEnd() && !job.IsWanted()) throw std::runtime_error("Nobody waits for the result any more");
    co_await stream_->Write(*block, smtp::kBlockTimeout);
  }
}

mail::DeliveryResult Connection::Explain(const StreamError& error) const {
  auto result = error.Result();
  const bool sending = client_->GetNeed() == Client::Need::Text;
  const auto place = client_->Expects();
  result.text += sending ? " (while it got the message)" : " (at " + std::string(ToString(place)) + ")";
  if (!sending && place == smtp::Place::Text)
    result.text += "; the message may have been accepted all the same";
  return result;
}

}  // namespace relay
