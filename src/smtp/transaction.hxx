// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "smtp/extensions.hxx"
#include "smtp/judge.hxx"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace smtp {

/// One message to all of its recipients: MAIL, RCPT…, DATA, the text, and after a refusal RSET. With
/// PIPELINING (RFC 2920) the commands go out in groups, but never more than kWindow ahead of the replies, so
/// that neither side can come to wait for the other to read.
class Transaction {
 public:
  static constexpr std::size_t kWindow = 100;          ///< commands
  static constexpr std::size_t kMaxBurst = 32 * 1024;  ///< octets, roughly

  enum class State {
    Reply,  ///< the next reply: OnReply
    Text,   ///< the message's text and its end (DotStuffer): OnTextSent
    Done,   ///< every recipient has a result
  };

  /// @param envelope outlives the transaction
  /// @param size octets of the stored message
  /// @param lmtp one reply a recipient after the text (RFC 2033)
  Transaction(const mail::Envelope& envelope, std::uint64_t size, const Extensions& extensions, bool lmtp);

  /// Each appends to @p out what is to be sent.
  void Start(std::string& out);
  void OnReply(const Reply& reply, std::string& out);
  void OnTextSent();
  /// Nothing more will come: whoever has no result gets @p why.
  void OnLost(const mail::DeliveryResult& why);

  [[nodiscard]] State GetState() const noexcept { return state_; }
  /// What the next reply answers.
  [[nodiscard]] Place Expects() const noexcept;
  /// The server has said nothing to it, or only 421 to MAIL: it may be tried whole on another connection.
  [[nodiscard]] bool IsUntouched() const noexcept { return !touched_; }
  /// Done, and the connection may carry another.
  [[nodiscard]] bool IsReusable() const noexcept { return reusable_; }
  /// One result for each recipient of the envelope, in its order. Once, when Done.
  [[nodiscard]] std::vector<mail::DeliveryResult> TakeResults();

 private:
  struct Sent {
    Place place;
    std::size_t recipient;  // index in the envelope, for Rcpt and, with LMTP, Text
  };

  void SendMore(std::string& out);
  bool SendOne(std::string& out);
  bool MayHaveData() const noexcept;
  void Expect(Place place, std::size_t recipient = 0) { in_flight_.push_back({place, recipient}); }
  void OnMail(const Reply& reply);
  void OnRcpt(const Reply& reply, std::size_t recipient);
  void OnData(const Reply& reply, std::string& out);
  void OnNothingToSend(std::string& out);
  void OnText(const Reply& reply, std::size_t recipient);
  void Finish(std::string& out);
  void SettleAccepted(const mail::DeliveryResult& result);

  const mail::Envelope& envelope_;
  const std::uint64_t size_;
  const Extensions extensions_;
  const bool lmtp_;
  bool utf8_ = false;
  State state_ = State::Reply;
  std::vector<std::size_t> recipients_;  // those that can be asked for
  std::size_t next_ = 0;                 // command: MAIL, then recipients_, then DATA
  std::deque<Sent> in_flight_;           // commands without a reply
  std::vector<std::size_t> accepted_;    // by RCPT, and not yet settled
  std::size_t asked_ = 0;                // RCPTs in flight
  bool open_ = false;                    // MAIL was accepted, and nothing has ended it
  bool refused_ = false;                 // MAIL was not
  bool touched_ = false;
  bool reusable_ = true;
  std::vector<std::optional<mail::DeliveryResult>> results_;
};

}  // namespace smtp
