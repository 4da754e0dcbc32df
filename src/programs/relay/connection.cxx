// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/connection.hxx"

#include "base/text.hxx"
#include "dns/mail_hosts.hxx"
#include "dns/name.hxx"
#include "mx/domain_policy.hxx"
#include "programs/relay/race.hxx"
#include "tls/layer.hxx"

#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <ctime>
#include <stdexcept>
#include <utility>

namespace relay {

using config::Tls;
using smtp::Client;
using StartTlsPolicy = smtp::SessionPolicy::StartTls;

namespace {

constexpr const char* kNoRequireTls = "5.7.30";  // RFC 8689 section 6

tls::Policy PolicyOf(const config::RelayUrl& url) {
  using Level = tls::Policy::Level;
  tls::Policy policy;
  policy.host = url.host;
  switch (url.tls) {
    case Tls::Required:
    case Tls::Implicit:
      policy.level = Level::Verified;
      break;
    case Tls::Opportunistic:
      policy.level = Level::Opportunistic;
      break;
    case Tls::Never:
      policy.level = Level::Never;
      break;
  }
  return policy;
}

StartTlsPolicy StartTlsOf(tls::Policy::Level level) noexcept {
  if (level == tls::Policy::Level::Never) return StartTlsPolicy::Never;
  return level == tls::Policy::Level::Opportunistic ? StartTlsPolicy::IfOffered : StartTlsPolicy::Required;
}

// What a domain's hosts must prove is decided by the domain, not by our keys and authorities.
tls::Options OptionsOf(const Identity& identity) {
  if (!identity.url.mx) return identity.tls;
  return {{}, {}, identity.tls.certificate};
}

// The owner in LoginWorker of the work that reads the system's authorities. No user name has a slash.
constexpr const char* kAuthorities = "/authorities";

tls::Context::Verify VerifyOf(tls::Policy::Level level) noexcept {
  if (level == tls::Policy::Level::Dane) return tls::Context::Verify::Dane;
  return level == tls::Policy::Level::Verified ? tls::Context::Verify::Yes : tls::Context::Verify::No;
}

// Chooses the fault to report for several hosts or addresses, at least one. A temporary fault outweighs a
// permanent one.
mail::DeliveryResult Join(const std::vector<mail::DeliveryResult>& faults) {
  const auto passing = std::ranges::find(faults, mail::Outcome::Deferred, &mail::DeliveryResult::outcome);
  auto joined = passing == faults.end() ? faults.back() : *passing;
  joined.text.clear();
  for (const auto& fault : faults) {
    joined.text += (joined.text.empty() ? "" : "; ") + fault.text;
    if (!fault.remote.empty()) joined.remote = fault.remote;
  }
  return joined;
}

// RFC 3463 section 3.7: a conversion is required, and not possible.
mail::DeliveryResult Unfit() {
  return mail::Failed(
      "5.6.3",
      "The message has a NUL, or a carriage return that ends no line, where it can't be encoded "
      "without changing what it says: in a header, in a part that is signed or says that it is "
      "encoded already, or in a multipart without parts.");
}

}  // namespace

asio::awaitable<std::optional<mail::DeliveryResult>> Connection::Open() {
  auto fault = co_await TryAll();
  const auto login = GetLoginFault();
  const bool is_refused = login == smtp::LoginFault::Password || login == smtp::LoginFault::Rejected;
  if (fault && is_refused && authentication_.Renew()) fault = co_await TryAll();
  co_return fault;
}

asio::awaitable<Connection::Fault> Connection::TryAll() {
  client_.reset();
  auto fault = co_await authentication_.Prepare();
  if (fault) co_return fault;
  try {
    if (identity_.url.mx)
      fault = co_await OpenMx();
    else
      fault = co_await OpenRelay();
  } catch (const tls::StreamError& error) {
    fault = error.Result();
  } catch (const std::exception& error) {
    fault = mail::Deferred("4.3.0", error.what());
  }
  co_return fault;
}

asio::awaitable<Connection::Fault> Connection::OpenRelay() {
  policy_ = PolicyOf(identity_.url);
  auto candidates = co_await FindCandidates(network_.resolver, identity_.url);
  co_return co_await OpenHost(std::move(candidates));
}

asio::awaitable<Connection::Fault> Connection::OpenMx() {
  const auto& url = identity_.url;
  const auto domain = dns::ToAscii(url.host);
  if (!domain) co_return mail::Failed("5.1.2", "There can be no domain " + Quote(url.host));
  const auto found = co_await dns::FindMailHosts(network_.resolver, *domain, dns::OwnAddresses::Load());
  if (found.fault) co_return found.fault;
  mx::DomainPolicy policies({network_.resolver, network_.sts, network_.report}, *domain, found.secure,
                            url.port);
  std::vector<mail::DeliveryResult> faults;
  for (const auto& host : found.hosts) {
    Fault fault;
    policy_ = {};
    policy_.host = policy_.mx = host.name;
    if (identity_.demand != mail::TlsDemand::Optional) fault = co_await policies.Find(host, policy_);
    if (!fault && identity_.demand == mail::TlsDemand::Required)
      fault = DemandTls(found.secure, policies.IsUnknown());
    if (!fault) fault = co_await OpenHost(MakeCandidates(host.name, url.port, host.found.addresses));
    if (!fault) co_return std::nullopt;
    if (fault->text.find(host.name) == fault->text.npos) fault->text = host.name + ": " + fault->text;
    faults.push_back(std::move(*fault));
  }
  co_return Join(faults);
}

// RFC 8689 section 4.2.1: DNSSEC or MTA-STS must confirm that the host belongs to the domain.
Connection::Fault Connection::DemandTls(bool named_securely, bool policy_unknown) {
  using Level = tls::Policy::Level;
  if (policy_.level == Level::Dane || policy_.level == Level::Verified) return std::nullopt;
  if (!named_securely && policy_unknown)
    return mail::Deferred("4.7.5",
                          "The message demands TLS (REQUIRETLS), and whether an MTA-STS policy "
                          "vouches for the host " +
                              policy_.mx + " can't be found out now");
  if (!named_securely)
    return mail::Failed(kNoRequireTls,
                        "The message demands TLS (REQUIRETLS), and neither DNSSEC nor MTA-STS "
                        "vouches for the host " +
                            policy_.mx);
  policy_.level = Level::Verified;
  policy_.reason = "the message demands (REQUIRETLS)";
  return std::nullopt;
}

// The server must offer REQUIRETLS, too. If it does not, that is permanent.
asio::awaitable<Connection::Fault> Connection::CheckDemand(const Candidate& candidate, Fault fault) {
  const auto& url = identity_.url;
  const bool is_end = candidate.private_channel && url.protocol == config::Protocol::Lmtp;
  if (identity_.demand != mail::TlsDemand::Required || is_end) co_return fault;
  if (!fault && url.tls == Tls::Never) {
    co_await Quit();
    co_return mail::Failed("5.7.10", "The message demands TLS (REQUIRETLS), and the relay is " +
                                         url.ToString() + ", which has none");
  }
  if (fault && fault->status == "4.7.4")
    co_return mail::Failed("5.7.10", "The message demands TLS (REQUIRETLS): " + fault->text);
  if (fault || (encrypted_ && client_->GetExtensions().requiretls)) co_return fault;
  co_await Quit();
  co_return mail::Failed(kNoRequireTls,
                         "The message demands TLS (REQUIRETLS), and the server does not offer "
                         "to go on like that");
}

// The addresses that have not been tried race for the connection; when the dialog with the winner comes to
// nothing, the others race again.
asio::awaitable<Connection::Fault> Connection::OpenHost(std::vector<Candidate> candidates) {
  const auto executor = co_await asio::this_coro::executor;
  std::vector<mail::DeliveryResult> faults;
  while (!candidates.empty()) {
    const auto race =
        std::make_shared<Race>(executor, candidates, identity_.source_addresses, timeouts_.connect);
    auto outcome = co_await race->Run();
    std::optional<Candidate> winner;
    if (outcome.stream) winner = candidates[outcome.winner];
    std::vector<Candidate> left;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (outcome.faults[i])
        faults.push_back(std::move(*outcome.faults[i]));
      else if (!winner || i != outcome.winner)
        left.push_back(std::move(candidates[i]));
    }
    candidates = std::move(left);
    if (!winner) break;
    auto fault = co_await TryOpen(*winner, std::move(outcome.stream));
    if (!fault) co_return std::nullopt;
    faults.push_back(std::move(*fault));
    if (client_ && client_->GetLoginFault() == smtp::LoginFault::Password)
      break;  // the password is no better at the next address
  }
  co_return Join(faults);
}

asio::awaitable<Connection::Fault> Connection::TryOpen(const Candidate& candidate,
                                                       std::unique_ptr<tls::Stream> stream) {
  stream_ = std::move(stream);
  auto refusal = co_await Begin(candidate, true);
  if (identity_.url.mx) CountTls(refusal);
  // Opportunistic TLS defends against nobody who could break a handshake, so a broken server gets the mail
  // without it.
  if (!refusal || !tls_failed_ || policy_.level != tls::Policy::Level::Opportunistic) co_return refusal;
  stream_.reset();
  co_return co_await Begin(candidate, false);
}

// @param starttls false: never, whatever the policy says
asio::awaitable<Connection::Fault> Connection::Begin(const Candidate& candidate, bool starttls) {
  Policy policy;
  policy.lmtp = identity_.url.protocol == config::Protocol::Lmtp;
  policy.helo = identity_.helo;
  policy.starttls = starttls ? StartTlsOf(policy_.level) : StartTlsPolicy::Never;
  if (!policy_.reason.empty()) policy.starttls_reason = policy_.reason;
  policy.tls = identity_.url.tls == Tls::Implicit;
  policy.private_channel = candidate.private_channel;
  policy.insecure_auth = identity_.insecure_auth;
  client_.reset();
  encrypted_ = tls_failed_ = false;
  remote_ = candidate.name;
  authentication_.SetBinding({});
  Fault fault;
  try {
    if (!stream_) co_await Reconnect(candidate);
    if (policy.tls) co_await StartTls();
  } catch (const tls::StreamError& error) {
    fault = error.Result();
  } catch (const std::exception& error) {
    fault = mail::Deferred("4.3.0", error.what());
  }
  if (!fault) {
    awaited_ = 0;
    client_ = std::make_unique<Client>(std::move(policy), authentication_.Get());
    co_await Run();
    if (!IsOpen()) fault = ExplainRefusal();
  }
  fault = co_await CheckDemand(candidate, std::move(fault));
  if (fault) fault->remote = remote_;
  co_return fault;
}

// A connection that failed before TLS says nothing about the TLS of the server.
void Connection::CountTls(const Fault& fault) const {
  if (identity_.demand == mail::TlsDemand::Optional) return;  // nobody has asked what the domain wants
  auto result = mx::TlsResult::Success;
  if (tls_failed_)
    result = mx::ResultOf(stream_->GetVerdict());
  else if (!encrypted_ && (!fault || fault->status == "4.7.4"))
    result = mx::TlsResult::StartTlsNotSupported;
  else if (!encrypted_)
    return;
  network_.report.Count(identity_.url.host, policy_.type, policy_.mx, result, std::time(nullptr));
}

asio::awaitable<void> Connection::Reconnect(const Candidate& candidate) {
  remote_.clear();
  stream_ = std::make_unique<tls::Stream>(co_await asio::this_coro::executor);
  co_await Connect(candidate, identity_.source_addresses, timeouts_.connect, *stream_);
  remote_ = candidate.name;
}

mail::DeliveryResult Connection::ExplainRefusal() const {
  auto refusal = *client_->Refusal();
  if (client_->GetLoginFault() == smtp::LoginFault::None) return refusal;
  refusal.text = "Login as " + Quote(identity_.url.label) + " (" + identity_.CredentialPath() +
                 ") refused: " + refusal.text;
  return refusal;
}

std::vector<std::string> Connection::Describe() const {
  std::vector<std::string> lines;
  if (!client_ || remote_.empty()) return lines;
  lines.push_back("connected to " + remote_);
  const auto tls = stream_->DescribeTls();
  const bool verified = policy_.level >= tls::Policy::Level::Verified;
  lines.push_back(encrypted_ ? tls + (verified ? ", verified" : ", not verified") : "no TLS");
  lines.push_back("offers: " + client_->GetExtensions().ToString());
  if (const auto mechanism = client_->LoginMechanism(); !mechanism.empty())
    lines.push_back("login as " + Quote(identity_.url.label) + " by " + std::string(mechanism));
  return lines;
}

asio::awaitable<void> Connection::Deliver(Job& job) {
  Preparation message(job);
  std::optional<mail::DeliveryResult> fault;
  try {
    co_await message.Run(client_->GetExtensions());
    if (!message.CanBeSent()) fault = Unfit();
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

// Runs until the client needs something that is not an exchange with the server: a transaction, or the end.
asio::awaitable<void> Connection::Run() {
  std::optional<mail::DeliveryResult> lost;
  bool broken = false;
  try {
    co_await Drive();
  } catch (const tls::StreamError& error) {
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

// A server that refuses the rest of a message sends a reply and closes the connection. Look for that reply.
asio::awaitable<std::string_view> Connection::ReadLastWords() {
  std::size_t size = 0;
  try {
    size = co_await stream_->Read(input_, timeouts_.last_words);
  } catch (const tls::StreamError&) {
    // There was no reply.
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

// The limit is for a whole reply; otherwise a server that sends it octet by octet could keep a message for
// ever.
asio::awaitable<void> Connection::ReadInput() {
  const auto limit = timeouts_.Of(client_->Expects());
  const auto now = std::chrono::steady_clock::now();
  if (awaited_ != client_->Replies() + 1) reply_due_ = now + limit;
  awaited_ = client_->Replies() + 1;
  const auto left = std::chrono::duration_cast<tls::Stream::Duration>(reply_due_ - now);
  const auto size = co_await stream_->Read(input_, std::max(left, tls::Stream::Duration::zero()));
  const std::string_view octets(input_.data(), size);
  if (client_->LoginMechanism().starts_with("SCRAM-"))
    co_await network_.logins.Run(identity_.owner, [this, octets] { client_->OnInput(octets); });
  else
    client_->OnInput(octets);
}

asio::awaitable<void> Connection::StartTls() {
  tls_failed_ = true;
  tls_ = network_.contexts.Find(VerifyOf(policy_.level), OptionsOf(identity_));
  // Reading the system's authorities takes longer than a handler may. One context is made at a time; a second
  // caller finds it made.
  if (!tls_->IsLoaded())
    co_await network_.logins.Run(kAuthorities, [context = tls_.get()] { (void)context->Get(); });
  // Sessions are kept for each server of a relay, and for each proof that it gave.
  const tls::Peer peer{*tls_, identity_.url.mx ? nullptr : &sessions_, policy_};
  co_await stream_->StartTls(peer, timeouts_.tls);
  tls_failed_ = false;
  encrypted_ = true;
  authentication_.SetBinding(stream_->Binding());
}

asio::awaitable<void> Connection::SendText() {
  auto text = message_->Text();
  while (const auto block = text.Next()) {
    // The runner has closed its connection and will ask again. Stop before the final dot, or the recipient
    // gets two copies.
    if (text.AtEnd() && !job_->IsWanted()) throw std::runtime_error("Nobody waits for the result any more");
    co_await stream_->Write(*block, timeouts_.block);
  }
}

mail::DeliveryResult Connection::Explain(const tls::StreamError& error) const {
  auto result = error.Result();
  const bool sending = client_->GetNeed() == Client::Need::Text;
  const auto place = client_->Expects();
  result.text += sending ? " (while it got the message)" : " (at " + std::string(ToString(place)) + ")";
  if (!sending && place == smtp::Place::Text)
    result.text += "; the message may have been accepted all the same";
  return result;
}

}  // namespace relay
