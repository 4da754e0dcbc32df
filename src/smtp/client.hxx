// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "smtp/reply.hxx"
#include "smtp/session.hxx"
#include "smtp/transaction.hxx"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smtp {

/// The whole dialog with one server, without its socket. The caller sends TakeOutput() and then does what
/// GetNeed() says, until it says Close.
class Client {
 public:
  enum class Need {
    Input,  ///< octets from the server: OnInput, or OnLost
    Tls,    ///< a TLS handshake: OnTls, or OnLost
    Ready,  ///< nothing: Begin a transaction, or Quit
    Text,   ///< the message's text, sent through a DotStuffer: OnTextSent, or OnLost
    Close,  ///< close the connection
  };

  /// @param authenticator not null where a login must succeed; outlives the client
  Client(SessionPolicy policy, Authenticator* authenticator) noexcept;

  void OnInput(std::string_view octets);
  void OnTls();
  void OnTextSent();
  /// The connection is gone, or the server has not answered in time.
  void OnLost(const mail::DeliveryResult& why);
  /// The connection broke while the text was sent. @param last_words what the server had said before: a reply
  /// in it tells more than @p why
  void OnCutOff(std::string_view last_words, const mail::DeliveryResult& why);

  /// Begins a transaction; only when Ready.
  /// @param envelope outlives the transaction
  /// @param size octets of the stored message
  void Begin(const mail::Envelope& envelope, std::uint64_t size);
  /// Says QUIT; only when Ready.
  void Quit();

  [[nodiscard]] Need GetNeed() const noexcept { return need_; }
  /// What is to be sent before anything else happens; with Close, if it still can be.
  [[nodiscard]] std::string TakeOutput();
  /// What the next reply answers.
  [[nodiscard]] Place Expects() const noexcept;

  /// Why the connection, outside of a transaction, is of no use; null if it is.
  [[nodiscard]] const mail::DeliveryResult* Refusal() const noexcept;
  [[nodiscard]] bool IsLoginRefused() const noexcept { return session_.IsLoginRefused(); }
  /// The results of the transaction that has ended, one a recipient in the order of the envelope; empty if
  /// none has.
  [[nodiscard]] std::optional<std::vector<mail::DeliveryResult>> TakeResults();
  /// The transaction that has just ended was never dealt with: the server had left the connection before.
  [[nodiscard]] bool IsUntouched() const noexcept { return transaction_ && transaction_->IsUntouched(); }

 private:
  void OnReply(const Reply& reply);
  void OnSessionReply(const Reply& reply);
  void UpdateNeed();

  const bool lmtp_;
  Need need_ = Need::Input;
  ReplyParser parser_;
  Session session_;
  std::optional<Transaction> transaction_;
  bool quitting_ = false;
  std::string output_;
};

}  // namespace smtp
