// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/client/delivery.hxx"
#include "smtp/client/message.hxx"
#include "smtp/client/reply.hxx"
#include "smtp/client/session.hxx"

#include <cstddef>
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
    Ready,  ///< nothing: Begin a delivery, or Quit
    Text,   ///< the message's text, sent through a TextEncoder: OnTextSent, or OnLost
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

  /// Begins a delivery; only when Ready, and MayBegin().
  /// @param message outlives the delivery
  /// @param recipients indices in the envelope; at least one
  void Begin(const Message& message, std::vector<std::size_t> recipients);
  /// Says QUIT; only when Ready.
  void Quit();

  [[nodiscard]] Need GetNeed() const noexcept { return need_; }
  /// The octets to send before anything else happens; with Close, if that is still possible.
  [[nodiscard]] std::string TakeOutput();
  /// The command that the next reply answers.
  [[nodiscard]] Place Expects() const noexcept;
  /// How many replies have come so far.
  [[nodiscard]] std::size_t Replies() const noexcept { return replies_; }

  /// Why the connection, outside of a delivery, is of no use; null if it is.
  [[nodiscard]] const mail::DeliveryResult* Refusal() const noexcept;
  [[nodiscard]] LoginFault GetLoginFault() const noexcept { return session_.GetLoginFault(); }
  /// Session::LoginMechanism.
  [[nodiscard]] std::string_view LoginMechanism() const noexcept { return session_.LoginMechanism(); }
  /// The extensions of the server; while Ready.
  [[nodiscard]] const Extensions& GetExtensions() const noexcept { return session_.GetExtensions(); }
  /// The server takes another transaction on this connection.
  [[nodiscard]] bool MayBegin() const noexcept { return limits_.mail_max > 0; }
  /// The report of the delivery that has ended; empty if none has.
  [[nodiscard]] std::optional<DeliveryReport> TakeReport();

 private:
  void OnReply(const Reply& reply);
  void OnSessionReply(const Reply& reply);
  void UpdateNeed();
  [[nodiscard]] std::size_t Unanswered() const noexcept;

  const bool lmtp_;
  Need need_ = Need::Input;
  ReplyParser parser_;
  std::size_t awaited_ = 1;  // replies, to what has been sent; at first the greeting
  std::size_t replies_ = 0;
  Session session_;
  Limits limits_;  // of what the connection takes from now on
  std::optional<Delivery> delivery_;
  bool quitting_ = false;
  std::string output_;
};

}  // namespace smtp
