// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "connection.hxx"
#include "options.hxx"
#include "rules.hxx"
#include "store.hxx"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sink {

/// What all connections share.
struct Shared {
  const Options& options;
  Rules& rules;
  Store& store;
  asio::ssl::context& tls;
};

/// One SMTP (RFC 5321) or LMTP (RFC 2033) dialog, from the server's side.
class Session {
 public:
  Session(Connection connection, const Shared& shared);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Ends with the connection. Throws std::system_error when that breaks.
  [[nodiscard]] asio::awaitable<void> Run();

 private:
  using Handler = asio::awaitable<void> (Session::*)(std::string_view argument);
  [[nodiscard]] static Handler FindHandler(std::string_view verb);

  [[nodiscard]] asio::awaitable<void> Dialog();
  [[nodiscard]] asio::awaitable<void> OnLine(std::string_view line);
  [[nodiscard]] asio::awaitable<void> OnHello(std::string_view name);
  [[nodiscard]] asio::awaitable<void> OnStartTls(std::string_view argument);
  [[nodiscard]] asio::awaitable<void> OnAuth(std::string_view argument);
  [[nodiscard]] asio::awaitable<void> OnMail(std::string_view argument);
  [[nodiscard]] asio::awaitable<void> OnRcpt(std::string_view argument);
  [[nodiscard]] asio::awaitable<void> OnData(std::string_view argument);
  [[nodiscard]] asio::awaitable<void> ReadChunk(std::string_view argument);
  [[nodiscard]] asio::awaitable<void> OnChunk(std::string_view argument);
  [[nodiscard]] asio::awaitable<void> OnReset(std::string_view argument);
  [[nodiscard]] asio::awaitable<void> OnNoop(std::string_view argument);
  [[nodiscard]] asio::awaitable<void> OnQuit(std::string_view argument);

  /// True if a rule has answered @p command, or ended the connection.
  [[nodiscard]] asio::awaitable<bool> Misbehave(std::string_view command, std::string subject);
  [[nodiscard]] asio::awaitable<bool> Authenticate(std::string_view mechanism, std::string_view initial);
  [[nodiscard]] asio::awaitable<bool> AuthenticateBySasl(std::string mechanism, std::string response);
  [[nodiscard]] asio::awaitable<bool> AuthenticateByToken(std::optional<std::string> response);
  /// The client's answer to a challenge, decoded; empty if it gave up.
  [[nodiscard]] asio::awaitable<std::optional<std::string>> Ask(std::string challenge);
  /// False if the connection has ended before the dot.
  [[nodiscard]] asio::awaitable<bool> ReadMessage();
  [[nodiscard]] asio::awaitable<void> AnswerMessage();
  [[nodiscard]] asio::awaitable<void> AnswerRecipients();

  void Reply(std::string_view text);
  void Keep();
  void Reset();
  void CheckPipelining(std::string_view verb);
  void CheckLines(std::string_view text);
  [[nodiscard]] bool Offers(std::string_view extension) const;
  [[nodiscard]] std::string Extensions() const;
  [[nodiscard]] std::string SubjectOf(std::string_view verb, std::string_view argument) const;

  Connection connection_;
  Shared shared_;
  std::size_t number_;
  Transaction transaction_;
  std::string verb_;                  ///< of the command that is being served
  std::optional<std::string> chunk_;  ///< that came with BDAT
  bool in_transaction_ = false;
  bool encrypted_ = false;
  bool extended_ = false;  ///< greeted by EHLO or LHLO
  bool closing_ = false;
};

}  // namespace sink
