// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/transaction.hxx"

#include "base/text.hxx"
#include "smtp/client/command.hxx"

#include <algorithm>
#include <utility>

namespace smtp {

namespace {

bool NeedsUtf8(const mail::Envelope& envelope, const std::vector<std::size_t>& recipients) {
  return !IsAscii(envelope.sender) || !std::ranges::all_of(recipients, [&](std::size_t index) {
    return IsAscii(envelope.recipients[index].address);
  });
}

}  // namespace

Transaction::Transaction(const Message& message, std::vector<std::size_t> recipients,
                         const Extensions& extensions, bool lmtp)
    : message_(message),
      recipients_(std::move(recipients)),
      extensions_(extensions),
      lmtp_(lmtp),
      utf8_(NeedsUtf8(message.envelope, recipients_)),
      results_(recipients_.size()) {}

void Transaction::OnReply(const Reply& reply, std::string& out) {
  const Sent sent = in_flight_.front();
  in_flight_.pop_front();
  touched_ = reply.code != 421 || sent.place != Place::Mail;
  if (reply.code == 421) return OnLost(Judge(reply, sent.place));  // the server leaves
  Handle(sent, reply, out);
  if (state_ != State::Reply) return;
  SendMore(out);
  if (in_flight_.empty()) Finish(out);
}

void Transaction::Handle(const Sent& sent, const Reply& reply, std::string& out) {
  switch (sent.place) {
    case Place::Mail:
      return OnMail(reply);
    case Place::Rcpt:
      return OnRcpt(reply, sent.recipient);
    case Place::Data:
      return OnData(reply, out);
    case Place::Text:
      return OnText(reply, sent.recipient);
    default:  // RSET
      reusable_ = reusable_ && reply.Class() == 2;
      return;
  }
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
  if (limit_ && next_ <= recipients_.size()) next_ = recipients_.size() + 1;  // no use in asking for the rest
  if (next_ == 0) {
    out += MailCommand(message_, utf8_, extensions_);
    Expect(Place::Mail);
  } else if (next_ <= recipients_.size()) {
    out += RcptCommand(message_.envelope.recipients[recipients_[next_ - 1]], extensions_);
    Expect(Place::Rcpt, next_ - 1);
    ++asked_;
  } else if (!SendData(out)) {
    return false;
  }
  ++next_;
  return true;
}

bool Transaction::SendData(std::string& out) {
  if (asked_ == 0 && accepted_.empty()) return false;
  out += "DATA\r\n";
  Expect(Place::Data);
  return true;
}

void Transaction::OnMail(const Reply& reply) {
  const auto result = Judge(reply, Place::Mail);
  if (result.outcome == mail::Outcome::Delivered) {
    open_ = true;
    return;
  }
  refused_ = true;
  std::ranges::fill(results_, result);
}

void Transaction::OnRcpt(const Reply& reply, std::size_t recipient) {
  --asked_;
  if (refused_) return;  // MAIL's result stands
  auto result = Judge(reply, Place::Rcpt);
  if (result.outcome == mail::Outcome::Delivered) {
    accepted_.push_back(recipient);
    limit_.reset();  // it was about something else
  } else if (IsTooManyRecipients(reply) && !accepted_.empty()) {
    if (!limit_) limit_ = accepted_.size();
  } else {
    results_[recipient] = std::move(result);
  }
}

void Transaction::OnData(const Reply& reply, std::string& out) {
  if (reply.code == 354) {
    if (accepted_.empty()) return OnNothingToSend(out);
    state_ = State::Text;
    return;
  }
  if (reply.Class() <= 3) reusable_ = false;  // no such reply exists: who knows what the server waits for
  SettleAccepted(Judge(reply, Place::Data));
}

// The server asks for the text although it has refused every recipient, which pipelining allows (RFC 2920
// section 3.1). An empty text reaches nobody. But if it has refused MAIL, it may have accepted recipients,
// and only the end of the connection makes sure that nothing is delivered.
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
  const auto result = Judge(reply, Place::Text);
  if (accepted_.empty()) return;
  if (!lmtp_) return SettleAccepted(result);
  results_[recipient] = result;
}

void Transaction::OnLost(const mail::DeliveryResult& why) {
  for (auto& result : results_)
    if (!result) result = why;
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

}  // namespace smtp
