// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/transaction.hxx"

#include "smtp/command.hxx"

#include <algorithm>
#include <utility>

namespace smtp {

Transaction::Transaction(const mail::Envelope& envelope, std::uint64_t size, const Extensions& extensions,
                         bool lmtp)
    : envelope_(envelope),
      size_(size),
      extensions_(extensions),
      lmtp_(lmtp),
      results_(envelope.recipients.size()) {
  std::optional<mail::DeliveryResult> sender_fault;
  if (!envelope.sender.empty()) sender_fault = FindAddressFault(envelope.sender, extensions);
  if (sender_fault && sender_fault->status == "5.1.3") sender_fault->status = "5.1.7";
  utf8_ = !IsAscii(envelope.sender);
  for (std::size_t i = 0; i < results_.size(); ++i) {
    const auto& address = envelope.recipients[i].address;
    results_[i] = sender_fault ? sender_fault : FindAddressFault(address, extensions);
    if (results_[i]) continue;
    recipients_.push_back(i);
    utf8_ = utf8_ || !IsAscii(address);
  }
}

void Transaction::Start(std::string& out) {
  if (recipients_.empty())
    state_ = State::Done;
  else
    SendMore(out);
}

void Transaction::OnReply(const Reply& reply, std::string& out) {
  const Sent sent = in_flight_.front();
  in_flight_.pop_front();
  touched_ = touched_ || reply.code != 421 || sent.place != Place::Mail;
  if (reply.code == 421) return OnLost(Judge(reply, sent.place));  // the server leaves
  switch (sent.place) {
    case Place::Mail:
      OnMail(reply);
      break;
    case Place::Rcpt:
      OnRcpt(reply, sent.recipient);
      break;
    case Place::Data:
      OnData(reply, out);
      break;
    case Place::Text:
      OnText(reply, sent.recipient);
      break;
    default:  // RSET
      reusable_ = reusable_ && reply.Class() == 2;
      break;
  }
  if (state_ != State::Reply) return;
  SendMore(out);
  if (in_flight_.empty()) Finish(out);
}

Place Transaction::Expects() const noexcept {
  return in_flight_.empty() ? Place::Text : in_flight_.front().place;
}

void Transaction::SendMore(std::string& out) {
  const std::size_t window = extensions_.pipelining ? kWindow : 1;
  if (in_flight_.size() > window / 2) return;  // few large writes rather than one for each reply
  while (in_flight_.size() < window && out.size() < kMaxBurst && SendOne(out)) continue;
}

bool Transaction::SendOne(std::string& out) {
  if (refused_ || next_ > recipients_.size() + 1) return false;
  if (next_ == 0) {
    out += MailCommand(envelope_, size_, utf8_, extensions_);
    Expect(Place::Mail);
  } else if (next_ <= recipients_.size()) {
    const auto index = recipients_[next_ - 1];
    out += RcptCommand(envelope_.recipients[index], extensions_);
    Expect(Place::Rcpt, index);
    ++asked_;
  } else {
    if (!MayHaveData()) return false;
    out += "DATA\r\n";
    Expect(Place::Data);
  }
  ++next_;
  return true;
}

bool Transaction::MayHaveData() const noexcept {
  return asked_ > 0 || !accepted_.empty();
}

void Transaction::OnMail(const Reply& reply) {
  const auto result = Judge(reply, Place::Mail);
  if (result.outcome == mail::Outcome::Delivered) {
    open_ = true;
    return;
  }
  refused_ = true;
  for (const auto index : recipients_) results_[index] = result;
}

void Transaction::OnRcpt(const Reply& reply, std::size_t recipient) {
  --asked_;
  if (refused_) return;  // MAIL's result stands
  auto result = Judge(reply, Place::Rcpt);
  if (result.outcome == mail::Outcome::Delivered)
    accepted_.push_back(recipient);
  else
    results_[recipient] = std::move(result);
}

void Transaction::OnData(const Reply& reply, std::string& out) {
  if (reply.Class() == 3) {
    if (accepted_.empty()) return OnNothingToSend(out);
    state_ = State::Text;
    return;
  }
  if (reply.Class() == 2) reusable_ = false;  // no such reply exists: who knows what it answers
  SettleAccepted(Judge(reply, Place::Data));
}

// The server asks for text though it has refused every recipient, which pipelining allows it to (RFC 2920
// section 3.1): an empty one reaches nobody. One that has refused MAIL may have recipients that it does not
// reach only if the connection ends.
void Transaction::OnNothingToSend(std::string& out) {
  open_ = false;
  const bool ends_here = refused_ || lmtp_;  // LMTP: no recipient, no reply
  reusable_ = reusable_ && !ends_here;
  if (ends_here) return;
  out += ".\r\n";
  Expect(Place::Text);
}

void Transaction::OnTextSent() {
  state_ = State::Reply;
  open_ = false;
  if (!lmtp_) return Expect(Place::Text);
  for (const auto index : accepted_) Expect(Place::Text, index);
}

void Transaction::OnText(const Reply& reply, std::size_t recipient) {
  if (accepted_.empty()) return;
  const auto result = Judge(reply, Place::Text);
  if (!lmtp_) return SettleAccepted(result);
  results_[recipient] = result;
}

void Transaction::OnLost(const mail::DeliveryResult& why) {
  for (const auto index : recipients_)
    if (!results_[index]) results_[index] = why;
  reusable_ = false;
  state_ = State::Done;
}

void Transaction::SettleAccepted(const mail::DeliveryResult& result) {
  for (const auto index : accepted_) results_[index] = result;
  accepted_.clear();
}

// No command is without a reply, and none is left to send.
void Transaction::Finish(std::string& out) {
  if (std::exchange(open_, false) && reusable_) {
    out += "RSET\r\n";
    Expect(Place::Reset);
    return;
  }
  state_ = State::Done;
}

std::vector<mail::DeliveryResult> Transaction::TakeResults() {
  std::vector<mail::DeliveryResult> results;
  results.reserve(results_.size());
  for (auto& result : results_)
    results.push_back(result ? std::move(*result)
                             : mail::Deferred("4.3.0", "The transaction ended without a result"));
  return results;
}

}  // namespace smtp
