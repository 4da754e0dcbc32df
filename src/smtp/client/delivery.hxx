// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/client/extensions.hxx"
#include "smtp/client/message.hxx"
#include "smtp/client/transaction.hxx"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace smtp {

/// What became of the recipients of a delivery, each at the place it has in the list that was given.
struct DeliveryReport {
  std::vector<mail::DeliveryResult> results;
  /// Places of those that the server has not dealt with, because it left or takes no more transactions on
  /// this connection: they may be tried on another one at once. Their results say why.
  std::vector<std::size_t> untouched;
};

/// One message on one connection, in as many transactions as the server's limits ask for (RFC 9422, RFC 5321
/// section 4.5.3.1.10).
class Delivery {
 public:
  /// @param message outlives this
  /// @param recipients indices in the envelope; at least one
  /// @param limits of what the connection takes from now on: counted down, and lowered where the server
  ///   turns out to take less; outlives this
  Delivery(const Message& message, std::vector<std::size_t> recipients, const Extensions& extensions,
           bool lmtp, Limits& limits);

  /// Each appends to @p out what is to be sent.
  void Start(std::string& out) { Begin(out); }
  void OnReply(const Reply& reply, std::string& out);
  void OnTextSent() { transaction_->OnTextSent(); }
  /// The connection is lost: each recipient without a result gets @p why.
  void OnLost(const mail::DeliveryResult& why);

  [[nodiscard]] Transaction::State GetState() const noexcept;
  /// The command that the next reply answers.
  [[nodiscard]] Place Expects() const noexcept {
    return transaction_ ? transaction_->Expects() : Place::Mail;
  }
  /// How many commands have no reply yet.
  [[nodiscard]] std::size_t Unanswered() const noexcept {
    return transaction_ ? transaction_->Unanswered() : 0;
  }
  /// Done, and the connection may carry another.
  [[nodiscard]] bool IsReusable() const noexcept { return reusable_; }
  /// Once, when Done.
  [[nodiscard]] DeliveryReport TakeReport();

 private:
  void SettleFaults();
  void Begin(std::string& out);
  std::vector<std::size_t> TakeBatch();
  void Collect();
  void SettleWaiting(const mail::DeliveryResult& why);

  const Message& message_;
  const std::vector<std::size_t> recipients_;
  const Extensions& extensions_;
  const bool lmtp_;
  Limits& limits_;
  std::deque<std::size_t> waiting_;         // places of those that no transaction has had yet
  std::vector<std::size_t> batch_;          // places of those that transaction_ has
  std::optional<Transaction> transaction_;  // empty: Done
  bool reusable_ = true;
  std::vector<std::optional<mail::DeliveryResult>> results_;
  std::vector<std::size_t> untouched_;
};

}  // namespace smtp
