// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "smtp/client/session.hxx"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

/// A conversation with a server, as a file of cases/ has it. First the settings, one a line, "key: value":
///
///     protocol: lmtp               tls: never, offered (the default), required or implicit
///     helo: NAME                   login: yes
///     private: yes                 message: TEXT, with \n for its line ends, \r and \0
///     insecure-auth: yes
///     sender: ADDRESS              body, ret, envid: what mail::Envelope has
///     recipient: ADDRESS           notify, original: of the recipient above
///
/// Then, behind an empty line, what happens:
///
///     S: LINE    the server says it; lines that follow one another arrive as one piece
///     C: LINE    the client says it, and nothing else before
///     --- tls    the client asks for a TLS handshake, which succeeds
///     --- lost   the connection breaks
///     R: ADDRESS OUTCOME STATUS TEXT    the result of a recipient, in the order of the envelope; a
///                session that was refused has one, of the recipient "-"; "(untouched)" at its end says
///                that another connection may do better at once
///
/// The client gets the message when it is ready and MAIL is expected, and is told to leave when QUIT is.
/// Lines that open with # say what the case is about.
struct Dialog {
  struct Line {
    std::size_t number;
    char who;  ///< S, C, R, or - for an event
    std::string text;
  };

  smtp::SessionPolicy policy;
  bool login = false;
  mail::Envelope envelope;
  std::string message = "Subject: test\n\nHello\n";
  std::vector<Line> lines;

  /// Throws std::runtime_error for a file that is not one.
  [[nodiscard]] static Dialog Load(const std::filesystem::path& file);
};
