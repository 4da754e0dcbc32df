// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/client/extensions.hxx"
#include "smtp/client/judge.hxx"
#include "smtp/client/message.hxx"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace smtp {

/// One message to some of its recipients: MAIL, RCPT…, DATA, the text, and after a refusal RSET. With
/// PIPELINING (RFC 2920) the commands go out in groups, but never more than kWindow ahead of the replies, so
/// that neither side can come to wait for the other to read.
///
/// No octet of the text goes out before the server has answered DATA with 354. So BDAT (RFC 3030) is not
/// used: it has no such go-ahead, and a server that refuses it may read the text behind it as commands, which
/// the submitter could have chosen. DATA takes no more round trips than a BDAT that waits for RCPT's replies.
class Transaction {
 public:
  static constexpr std::size_t kWindow = 100;          ///< commands
  static constexpr std::size_t kMaxBurst = 32 * 1024;  ///< octets, roughly

  enum class State {
    Reply,  ///< the next reply: OnReply
    Text,   ///< the message's text and its end (TextEncoder): OnTextSent
    Done,   ///< it is over
  };

  /// @param message outlives the transaction
  /// @param recipients indices in the envelope; at least one; addresses that the server can be told
  /// @param lmtp one reply a recipient after the text (RFC 2033)
  Transaction(const Message& message, std::vector<std::size_t> recipients, const Extensions& extensions,
              bool lmtp);

  /// Each appends to @p out what is to be sent.
  void Start(std::string& out) { SendMore(out); }
  void OnReply(const Reply& reply, std::string& out);
  void OnTextSent();
  /// The connection is lost: each recipient without a result gets @p why.
  void OnLost(const mail::DeliveryResult& why);

  [[nodiscard]] State GetState() const noexcept { return state_; }
  /// The command that the next reply answers.
  [[nodiscard]] Place Expects() const noexcept;
  /// How many commands have no reply yet.
  [[nodiscard]] std::size_t Unanswered() const noexcept { return in_flight_.size(); }
  /// The server can't have taken the message on: it has said nothing to it before the text was sent, or only
  /// 421 to MAIL. It may be tried whole on another connection.
  [[nodiscard]] bool IsUntouched() const noexcept { return !touched_; }
  /// Done, and the connection may carry another.
  [[nodiscard]] bool IsReusable() const noexcept { return reusable_; }
  [[nodiscard]] const std::vector<std::size_t>& Recipients() const noexcept { return recipients_; }
  /// Once, when Done: for each of Recipients() what became of it; empty for one that was too many, and is to
  /// be asked for in another transaction.
  [[nodiscard]] std::vector<std::optional<mail::DeliveryResult>> TakeResults() { return std::move(results_); }
  /// How many recipients the server took before it said that there were too many; empty if it did not.
  [[nodiscard]] std::optional<std::size_t> FoundLimit() const noexcept { return limit_; }

 private:
  struct Sent {
    Place place;
    std::size_t recipient;  // in recipients_, for Rcpt and, with LMTP, Text
  };

  void SendMore(std::string& out);
  bool SendOne(std::string& out);
  bool SendData(std::string& out);
  void Expect(Place place, std::size_t recipient = 0) { in_flight_.push_back({place, recipient}); }
  void Handle(const Sent& sent, const Reply& reply, std::string& out);
  void OnMail(const Reply& reply);
  void OnRcpt(const Reply& reply, std::size_t recipient);
  void OnData(const Reply& reply, std::string& out);
  void OnNothingToSend(std::string& out);
  void OnText(const Reply& reply, std::size_t recipient);
  void Finish(std::string& out);
  void SettleAccepted(const mail::DeliveryResult& result);

  const Message& message_;
  const std::vector<std::size_t> recipients_;
  const Extensions& extensions_;
  const bool lmtp_;
  const bool utf8_;  // an address is not ASCII
  State state_ = State::Reply;
  std::size_t next_ = 0;               // command: MAIL, then recipients_, then DATA
  std::deque<Sent> in_flight_;         // commands without a reply
  std::vector<std::size_t> accepted_;  // by RCPT, and not yet settled
  std::size_t asked_ = 0;              // RCPTs in flight
  std::optional<std::size_t> limit_;   // see FoundLimit
  bool open_ = false;                  // MAIL was accepted, and nothing has ended it
  bool refused_ = false;               // MAIL was not
  bool touched_ = false;
  bool reusable_ = true;
  std::vector<std::optional<mail::DeliveryResult>> results_;
};

}  // namespace smtp
