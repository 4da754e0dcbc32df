// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/client/client.hxx"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// A server of SMTP or LMTP that behaves, apart from what a test has it do wrong, and notes what it has taken
/// on.
class ScriptedServer {
 public:
  std::string extensions;  ///< lines of the reply to EHLO, each "250-NAME\r\n"
  bool lmtp = false;
  /// What replaces the whole reply number @p index (from 0, the greeting) that answers @p command; empty:
  /// nothing.
  std::function<std::optional<std::string>(std::size_t index, const std::string& command)> replace;

  /// The greeting.
  [[nodiscard]] std::string Begin();
  /// @return the replies to what the client has said
  [[nodiscard]] std::string Take(std::string_view said);

  /// Recipients whose message it has said 250 for, one entry each time.
  std::vector<std::string> taken;
  std::size_t replies = 0;
  bool text_seen = false;         ///< a whole message has come
  bool text_as_commands = false;  ///< the text, or a part of it, came while it was to be read as commands

 private:
  std::string Reply(const std::string& command, std::string reply);
  std::string OnLine(const std::string& line);
  std::string OnText(const std::string& command);

  std::string input_;
  bool gone_ = false;  // with 421
  bool open_ = false;  // MAIL was accepted
  bool in_text_ = false;
  std::vector<std::string> recipients_;
};

/// Has a client send one message to a server. The octets of the server arrive in pieces of the given size;
/// once
/// @p cut of them have arrived the connection breaks.
struct Exchange {
  std::optional<smtp::DeliveryReport> report;   ///< empty: there was no transaction
  std::optional<mail::DeliveryResult> refusal;  ///< then this says why
  std::size_t octets = 0;                       ///< of the server that have arrived
  bool ready = false;                           ///< the client would go on

  static Exchange Run(ScriptedServer& server, smtp::SessionPolicy policy, const smtp::Message& message,
                      std::size_t piece, std::size_t cut);
};
