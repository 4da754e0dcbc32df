// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/connection.hxx"

#include "base/text.hxx"
#include "programs/relay/tls.hxx"

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

// Of several addresses, each with its fault.
mail::DeliveryResult Join(std::vector<mail::DeliveryResult> faults) {
  auto joined = std::move(faults.front());
  for (std::size_t i = 1; i < faults.size(); ++i) {
    joined.text += "; " + faults[i].text;
    if (!faults[i].remote.empty()) joined.remote = faults[i].remote;
    joined.status = faults[i].status;
  }
  return joined;
}

}  // namespace

asio::awaitable<std::optional<mail::DeliveryResult>> Connection::Open() {
  if (auto fault = FindAuthenticator()) co_return fault;
  std::optional<mail::DeliveryResult> fault;
  try {
    fault = co_await OpenAny();
  } catch (const StreamError& error) {
    fault = error.Result();
  }
  co_return fault;
}

asio::awaitable<std::optional<mail::DeliveryResult>> Connection::OpenAny() {
  std::vector<mail::DeliveryResult> faults;
  const auto candidates = co_await FindCandidates(identity_.url);
  for (const auto& candidate : candidates) {
    auto fault = co_await TryOpen(candidate);
    if (!fault) co_return std::nullopt;
    faults.push_back(std::move(*fault));
    if (client_ && client_->GetLoginFault() == smtp::LoginFault::Password)
      break;  // the password is no better at the next address
  }
  co_return Join(std::move(faults));
}

asio::awaitable<std::optional<mail::DeliveryResult>> Connection::TryOpen(const Candidate& candidate) {
  auto refusal = co_await TryOpen(candidate, PolicyOf(identity_.url.tls));
  // Opportunistic TLS defends against nobody who could break a handshake, so a broken server gets the mail
  // without it.
  if (refusal && tls_failed_ && identity_.url.tls == Tls::Opportunistic)
    refusal = co_await TryOpen(candidate, StartTlsPolicy::Never);
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

asio::awaitable<std::optional<mail::DeliveryResult>> Connection::TryOpen(const Candidate& candidate,
                                                                         StartTlsPolicy starttls) {
  Policy policy;
  policy.lmtp = identity_.url.protocol == config::Protocol::Lmtp;
  policy.helo = identity_.helo;
  policy.starttls = starttls;
  policy.tls = identity_.url.tls == Tls::Implicit;
  policy.private_channel = candidate.private_channel;
  policy.insecure_auth = identity_.insecure_auth;
  client_.reset();
  tls_failed_ = false;
  if (authenticator_) authenticator_->SetBinding({});
  std::optional<mail::DeliveryResult> fault;
  try {
    co_await Reach(candidate, policy.tls);
  } catch (const StreamError& error) {
    fault = error.Result();
  } catch (const std::exception& error) {
    fault = mail::Deferred("4.3.0", error.what());
  }
  if (!fault) {
    client_ = std::make_unique<Client>(std::move(policy), authenticator_.get());
    co_await Run();
    if (IsOpen()) co_return std::nullopt;
    fault = ExplainRefusal();
  }
  fault->remote = remote_;
  co_return fault;
}

asio::awaitable<void> Connection::Reach(const Candidate& candidate, bool tls) {
  remote_.clear();
  stream_ = co_await Connect(candidate, identity_.source_addresses, timeouts_.connect);
  remote_ = candidate.name;
  if (tls) co_await StartTls();
}

mail::DeliveryResult Connection::ExplainRefusal() const {
  auto refusal = *client_->Refusal();
  if (client_->GetLoginFault() == smtp::LoginFault::None) return refusal;
  const auto& label = identity_.url.label;
  refusal.text = "Login as " + Quote(label) + " (" + SecretPath(label) + ") refused: " + refusal.text;
  return refusal;
}

std::vector<std::string> Connection::Describe() const {
  std::vector<std::string> lines;
  if (!client_ || remote_.empty()) return lines;
  lines.push_back("connected to " + remote_);
  const auto tls = stream_->DescribeTls();
  const bool verified = tls_ && (tls_->VerifiesChain() || !tls_->Pins().empty());
  lines.push_back(tls.empty() || tls_failed_ ? "no TLS" : tls + (verified ? ", verified" : ", not verified"));
  lines.push_back("offers: " + client_->GetExtensions().ToString());
  if (const auto mechanism = client_->LoginMechanism(); !mechanism.empty())
    lines.push_back("login as " + Quote(identity_.url.label) + " by " + std::string(mechanism));
  return lines;
}

asio::awaitable<void> Connection::Deliver(Job& job, bool rested) {
  Preparation message(job);
  const bool lmtp = identity_.url.protocol == config::Protocol::Lmtp;
  std::optional<mail::DeliveryResult> fault;
  try {
    co_await message.Run(client_->GetExtensions(), !lmtp && !rested);
  } catch (const std::exception& error) {
    fault = mail::Deferred("4.3.0", error.what());
  }
  if (fault) co_return job.Record({{job.open.size(), *fault}, {}}, {});
  job_ = &job;
  message_ = &message;
  client_->Begin(message.Message(), job.open);
  co_await Run();
  job_ = nullptr;
  message_ = nullptr;
  job.Record(client_->TakeReport().value(), remote_);
}

asio::awaitable<void> Connection::Quit() {
  client_->Quit();
  co_await Run();
}

bool Connection::IsOpen() const noexcept {
  return client_ && client_->GetNeed() == Client::Need::Ready;
}

// Until the client needs something else than the server: a transaction, or an end.
asio::awaitable<void> Connection::Run() {
  std::optional<mail::DeliveryResult> lost;
  bool broken = false;
  try {
    co_await Drive();
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
    size = co_await stream_->Read(input_, timeouts_.last_words);
  } catch (const StreamError&) {
    // Then it has said nothing.
  }
  co_return std::string_view(input_.data(), size);
}

asio::awaitable<void> Connection::Drive() {
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
        co_await SendText();
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
  if (!output.empty()) co_await stream_->Write(output, timeouts_.block);
}

asio::awaitable<void> Connection::ReadInput() {
  const auto size = co_await stream_->Read(input_, timeouts_.Of(client_->Expects()));
  client_->OnInput({input_.data(), size});
}

asio::awaitable<void> Connection::StartTls() {
  using Verify = TlsContext::Verify;
  tls_failed_ = true;
  const bool verify = identity_.url.tls != Tls::Opportunistic;
  if (!tls_) tls_ = contexts_.Find(verify ? Verify::Yes : Verify::No, identity_.tls);
  const TlsPeer peer{*tls_, sessions_, identity_.url.host};
  co_await stream_->StartTls(peer, timeouts_.tls);
  tls_failed_ = false;
  if (authenticator_) authenticator_->SetBinding(stream_->Binding());
}

asio::awaitable<void> Connection::SendText() {
  auto text = message_->Text();
  while (const auto block = text.Next()) {
    // Whoever asked and has gone will ask again: better not at all now than twice.
    if (text.AtEnd() && !job_->IsWanted()) throw std::runtime_error("Nobody waits for the result any more");
    co_await stream_->Write(*block, timeouts_.block);
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
