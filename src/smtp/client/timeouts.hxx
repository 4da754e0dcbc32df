// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/client/judge.hxx"

#include <chrono>

namespace smtp {

/// How long a client waits before it gives a server up; by default as long as RFC 5321 section 4.5.3.2 asks
/// for at the least.
struct Timeouts {
  using Duration = std::chrono::milliseconds;

  Duration connect = std::chrono::seconds(30);  ///< for each address; the RFC leaves it to TCP
  Duration tls = std::chrono::seconds(60);      ///< a handshake; the RFC has none
  Duration greeting = std::chrono::minutes(5);
  Duration command = std::chrono::minutes(5);  ///< EHLO, STARTTLS, AUTH, RSET
  Duration mail = std::chrono::minutes(5);
  Duration rcpt = std::chrono::minutes(5);
  Duration data = std::chrono::minutes(2);        ///< the reply to DATA
  Duration block = std::chrono::minutes(3);       ///< to hand over one block of text or commands
  Duration text = std::chrono::minutes(10);       ///< the reply to the final dot
  Duration last_words = std::chrono::seconds(2);  ///< for what a server said before it closed the connection
  Duration quit = std::chrono::seconds(5);        ///< nothing depends on this reply

  /// For the reply to @p place.
  [[nodiscard]] constexpr Duration Of(Place place) const noexcept {
    switch (place) {
      case Place::Greeting:
        return greeting;
      case Place::Mail:
        return mail;
      case Place::Rcpt:
        return rcpt;
      case Place::Data:
        return data;
      case Place::Text:
        return text;
      case Place::Quit:
        return quit;
      default:
        return command;
    }
  }
};

}  // namespace smtp
