// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/delivery.hxx"

#include "base/text.hxx"
#include "smtp/client/command.hxx"

#include <algorithm>
#include <set>
#include <utility>

namespace smtp {

namespace {

std::string DomainOf(std::string_view address) {
  return ToLower(address.substr(std::min(address.rfind('@'), address.size())));
}

}  // namespace

Delivery::Delivery(const Message& message, std::vector<std::size_t> recipients, const Extensions& extensions,
                   bool lmtp, Limits& limits)
    : message_(message),
      recipients_(std::move(recipients)),
      extensions_(extensions),
      lmtp_(lmtp),
      limits_(limits),
      results_(recipients_.size()) {
  SettleFaults();
}

// Settles the recipients whose addresses the server can't be told.
void Delivery::SettleFaults() {
  const auto& envelope = message_.envelope;
  std::optional<mail::DeliveryResult> sender_fault;
  if (!envelope.sender.empty()) sender_fault = FindAddressFault(envelope.sender, extensions_);
  if (sender_fault && sender_fault->status == "5.1.3") sender_fault->status = "5.1.7";
  for (std::size_t i = 0; i < results_.size(); ++i) {
    const auto& address = envelope.recipients[recipients_[i]].address;
    results_[i] = sender_fault ? sender_fault : FindAddressFault(address, extensions_);
    if (!results_[i]) waiting_.push_back(i);
  }
}

void Delivery::Begin(std::string& out) {
  if (waiting_.empty()) return;
  if (limits_.mail_max == 0)
    return SettleWaiting(mail::Deferred("4.5.3", "The server takes no more transactions on this connection"));
  if (limits_.mail_max != Limits::kNone) --limits_.mail_max;
  batch_ = TakeBatch();
  std::vector<std::size_t> indices;
  indices.reserve(batch_.size());
  for (const auto place : batch_) indices.push_back(recipients_[place]);
  transaction_.emplace(message_, std::move(indices), extensions_, lmtp_);
  transaction_->Start(out);
}

// Takes as many of the waiting recipients as one transaction may have, in their order.
std::vector<std::size_t> Delivery::TakeBatch() {
  std::vector<std::size_t> batch;
  std::deque<std::size_t> left;
  std::set<std::string> domains;
  for (const auto place : waiting_) {
    bool room = batch.size() < limits_.rcpt_max;
    if (room && limits_.rcpt_domain_max != Limits::kNone) {
      const auto domain = DomainOf(message_.envelope.recipients[recipients_[place]].address);
      room = domains.contains(domain) || domains.size() < limits_.rcpt_domain_max;
      if (room) domains.insert(domain);
    }
    if (room)
      batch.push_back(place);
    else
      left.push_back(place);
  }
  waiting_ = std::move(left);
  return batch;
}

void Delivery::OnReply(const Reply& reply, std::string& out) {
  transaction_->OnReply(reply, out);
  if (transaction_->GetState() != Transaction::State::Done) return;
  Collect();
  if (reusable_)
    Begin(out);
  else
    SettleWaiting(mail::Deferred("4.4.2", "The connection ended before this recipient's turn"));
}

void Delivery::OnLost(const mail::DeliveryResult& why) {
  if (!transaction_) return;
  transaction_->OnLost(why);
  Collect();
  SettleWaiting(why);
}

Transaction::State Delivery::GetState() const noexcept {
  return transaction_ ? transaction_->GetState() : Transaction::State::Done;
}

// Records the results of the transaction that has ended. It has settled at least one recipient, or was lost.
void Delivery::Collect() {
  auto results = transaction_->TakeResults();
  if (const auto limit = transaction_->FoundLimit()) limits_.rcpt_max = std::min(limits_.rcpt_max, *limit);
  reusable_ = transaction_->IsReusable();
  for (std::size_t i = batch_.size(); i-- > 0;) {
    if (results[i])
      results_[batch_[i]] = std::move(results[i]);
    else
      waiting_.push_front(batch_[i]);
  }
  if (!reusable_ && transaction_->IsUntouched())
    untouched_.insert(untouched_.end(), batch_.begin(), batch_.end());
  transaction_.reset();
}

void Delivery::SettleWaiting(const mail::DeliveryResult& why) {
  for (const auto place : std::exchange(waiting_, {})) {
    results_[place] = why;
    untouched_.push_back(place);
  }
}

DeliveryReport Delivery::TakeReport() {
  DeliveryReport report;
  for (auto& result : results_)
    report.results.push_back(
        result ? std::move(*result)
               : mail::Deferred("4.3.0", "The transaction ended without a result for this recipient"));
  report.untouched = std::move(untouched_);
  return report;
}

}  // namespace smtp
