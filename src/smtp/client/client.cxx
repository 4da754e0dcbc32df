// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/client.hxx"

#include <utility>

namespace smtp {

Client::Client(SessionPolicy policy, Authenticator* authenticator) noexcept
    : lmtp_(policy.lmtp), session_(std::move(policy), authenticator) {}

void Client::OnInput(std::string_view octets) {
  parser_.Feed(octets);
  while (need_ == Need::Input && awaited_ > 0) {
    const auto reply = parser_.Next();
    if (!reply) break;
    --awaited_;
    ++replies_;
    OnReply(*reply);
  }
  if (parser_.Bad())
    return OnLost(mail::Deferred("4.5.0", "The server broke the protocol: " + std::string(parser_.Error())));
  // An attacker on the way could have inserted these octets, to be taken for a reply under TLS or to a later
  // command. Every further reply would then be taken for the wrong one.
  const bool asked = need_ == Need::Input && awaited_ > 0;
  if (!asked && need_ != Need::Close && !parser_.Empty())
    OnLost(mail::Deferred("4.5.0", "The server broke the protocol: it said more than it was asked"));
}

void Client::OnReply(const Reply& reply) {
  if (quitting_)
    need_ = Need::Close;
  else if (delivery_)
    delivery_->OnReply(reply, output_);
  else
    OnSessionReply(reply);
  UpdateNeed();
}

void Client::OnSessionReply(const Reply& reply) {
  session_.OnReply(reply, output_);
  limits_ = session_.GetExtensions().limits;
  if (session_.GetState() == Session::State::Refused && reply.code != 421) output_ += "QUIT\r\n";
}

void Client::OnTls() {
  session_.OnTls(output_);
  UpdateNeed();
}

void Client::OnTextSent() {
  delivery_->OnTextSent();
  UpdateNeed();
}

void Client::OnLost(const mail::DeliveryResult& why) {
  if (need_ == Need::Close) return;  // there was a reason before
  output_.clear();
  if (delivery_)
    delivery_->OnLost(why);
  else
    session_.Refuse(why);
  need_ = Need::Close;
}

void Client::OnCutOff(std::string_view last_words, const mail::DeliveryResult& why) {
  parser_.Feed(last_words);
  const auto reply = parser_.Next();
  OnLost(reply ? Judge(*reply, Place::Data) : why);
}

void Client::Begin(const Message& message, std::vector<std::size_t> recipients) {
  delivery_.emplace(message, std::move(recipients), session_.GetExtensions(), lmtp_, limits_);
  delivery_->Start(output_);
  UpdateNeed();
}

void Client::Quit() {
  quitting_ = true;
  output_ += "QUIT\r\n";
  need_ = Need::Input;
}

std::string Client::TakeOutput() {
  awaited_ = Unanswered();
  return std::exchange(output_, {});
}

std::size_t Client::Unanswered() const noexcept {
  if (quitting_) return 1;
  if (delivery_) return delivery_->Unanswered();
  return session_.GetState() == Session::State::Reply ? 1 : 0;
}

Place Client::Expects() const noexcept {
  if (quitting_) return Place::Quit;
  return delivery_ ? delivery_->Expects() : session_.Expects();
}

const mail::DeliveryResult* Client::Refusal() const noexcept {
  return session_.GetState() == Session::State::Refused ? &session_.Refusal() : nullptr;
}

std::optional<DeliveryReport> Client::TakeReport() {
  if (!delivery_ || delivery_->GetState() != Transaction::State::Done) return std::nullopt;
  auto report = delivery_->TakeReport();
  delivery_.reset();
  return report;
}

void Client::UpdateNeed() {
  if (need_ == Need::Close || quitting_) return;
  if (!delivery_) {
    static constexpr Need kNeeds[] = {Need::Input, Need::Tls, Need::Ready, Need::Close};
    need_ = kNeeds[static_cast<std::size_t>(session_.GetState())];
    return;
  }
  switch (delivery_->GetState()) {
    case Transaction::State::Reply:
      need_ = Need::Input;
      break;
    case Transaction::State::Text:
      need_ = Need::Text;
      break;
    case Transaction::State::Done:
      need_ = delivery_->IsReusable() ? Need::Ready : Need::Close;
      break;
  }
}

}  // namespace smtp
