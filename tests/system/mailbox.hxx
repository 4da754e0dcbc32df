// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "deadline.hxx"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace machine {

/// A message in parts.
struct Letter {
  std::string separator;  ///< of a mailbox: the "From " line
  std::string head;       ///< header lines, ended by LF
  std::string body;  ///< mboxrd quoting undone; the empty line that ends it in a mailbox is not part of it

  /// The value of the first field of this name, folding undone; empty if there is none.
  [[nodiscard]] std::string Field(std::string_view name) const;
  /// How many fields of this name there are.
  [[nodiscard]] std::size_t Count(std::string_view name) const;
};

/// Head and body of a message with lines ended by LF or CRLF.
[[nodiscard]] Letter ParseLetter(std::string_view text);

/// The content of a file, or empty if there is none.
[[nodiscard]] std::string TextOf(const std::string& file);

/// The file of a user in /var/mail.
[[nodiscard]] std::string MailboxPath(const std::string& user);
/// As it is, or empty if there is none.
[[nodiscard]] std::string MailboxText(const std::string& user);
/// Everything in a user's mailbox. Throws std::runtime_error if it is not in mboxrd form.
[[nodiscard]] std::vector<Letter> ReadMailbox(const std::string& user);
/// The letters with this subject.
[[nodiscard]] std::vector<Letter> FindLetters(const std::string& user, std::string_view subject);

/// Waits until a letter with this subject is in the user's mailbox. Throws std::runtime_error, with
/// the queue's state, if none comes.
[[nodiscard]] Letter WaitForLetter(const std::string& user, const std::string& subject,
                                   std::chrono::milliseconds limit = kSoon);

/// A text that no other letter of this machine has as its subject.
[[nodiscard]] std::string MakeSubject();

/// The text to give to sendmail: a subject, and a body that ends in LF.
[[nodiscard]] std::string MakeMessage(const std::string& subject, const std::string& body = "A line.\n");

}  // namespace machine
