// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "smtp/judge.hxx"

#include <chrono>

namespace smtp {

/// How long a client waits at the least before it gives a server up (RFC 5321 section 4.5.3.2).
constexpr std::chrono::seconds kConnectTimeout{30};  ///< for each address; the RFC leaves it to TCP
constexpr std::chrono::seconds kTlsTimeout{60};      ///< the RFC has none
constexpr std::chrono::seconds kGreetingTimeout{300};
constexpr std::chrono::seconds kCommandTimeout{300};  ///< EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET
constexpr std::chrono::seconds kDataTimeout{120};     ///< the reply to DATA
constexpr std::chrono::seconds kBlockTimeout{180};    ///< to hand over one block of text or commands
constexpr std::chrono::seconds kTextTimeout{600};     ///< the reply to the final dot
constexpr std::chrono::seconds kLastWordsTimeout{
    2};                                          ///< for what a server said before it closed the connection
constexpr std::chrono::seconds kQuitTimeout{5};  ///< nothing depends on this reply

[[nodiscard]] constexpr std::chrono::seconds TimeoutOf(Place place) noexcept {
  switch (place) {
    case Place::Greeting:
      return kGreetingTimeout;
    case Place::Data:
      return kDataTimeout;
    case Place::Text:
      return kTextTimeout;
    case Place::Quit:
      return kQuitTimeout;
    default:
      return kCommandTimeout;
  }
}

}  // namespace smtp
