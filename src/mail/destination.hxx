// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

/// One entry of an alias, a table or a .forward file: where mail is sent instead.
struct Destination {
  enum class Kind {
    Address,  ///< text: `user@domain`, or a local name, which may be an alias; Address::Parse takes it
    User,  ///< text: a user whose mailbox gets it, whatever aliases and .forward say; empty: the file's owner
    File,  ///< text: `/path` or `~/path` of an mbox; with a slash at its end a Maildir
    Command,  ///< text: a command line, see SplitCommand; its first word is an absolute path
    Include,  ///< text: `/path` or `~/path` of a file with more of these
    Error,    ///< text: why nobody of that name gets mail, perhaps after an SMTP and a status code (RFC 3463)
    Fault,    ///< text: likewise, by whoever read the list, in the place of what they could not read. No text
              ///< of a list stands for it
  };

  static constexpr std::size_t kMaxText = 4096;  ///< octets; a longer entry is a fault

  Kind kind = Kind::Address;
  std::string text;    ///< without quotes (but those of an address), blanks at its ends, control characters
  unsigned line = 0;   ///< of the file it stands in, from 1; 0: unknown
  std::string file{};  ///< which that is, where it has come from another one than the list itself

  /// The text of the entry in a file; ParseDestinations reads it back to the same.
  [[nodiscard]] std::string ToString() const;
  bool operator==(const Destination&) const = default;
};

/// A part of such a list that is not understood and left out.
struct DestinationFault {
  unsigned line = 0;
  std::string text;  ///< what, and why, for a person
  /// What is left out may be more than one destination, or something to be done: where no mailbox can stand
  /// in for it, its mail waits until it has been corrected.
  bool waits = false;
};

struct DestinationList {
  static constexpr std::size_t kMaxEntries = 10000;  ///< of one list; what follows is a fault
  static constexpr std::size_t kMaxFaults = 100;     ///< the last of them says so, and ends the reading

  std::vector<Destination> entries;
  std::vector<DestinationFault> faults;
  bool is_cut = false;  ///< one of the limits was reached: what is behind it is missing
};

/// Reads the text of a .forward file, of a file that `:include:` names, or the right side of an alias
/// (aliases(5)):
///
///     alice, \bob, !bob                      a name; a mailbox
///     !, \                                   the own mailbox
///     carol@example.org, Carol <c@x.org>     an address; what stands around it is passed over
///     "|/usr/bin/vacation alice"  |/cmd a    a command
///     /path  ~/path  /path/  ~/Maildir/      an mbox file, a Maildir; mbox:/path and maildir:/path likewise
///     :include:/path  error:text             more of these; a refusal
///     :fail: text  :defer: text              refusals of Exim; the text goes to the end of the line
///     :unknown:  :blackhole:                 likewise: no such user; /dev/null
///
/// Commas, line ends, and blanks between entries separate; an unquoted command or error text goes to the
/// comma or the end of its line, where a comma within quotes (or a command's braces) is no end. Double quotes
/// may surround an entry or a part of it, and a backslash in them takes the meaning from the next character.
/// "#" opens a comment at the start of a line, and behind a blank where an entry would begin. A line that
/// begins with a blank continues the one before.
///
/// A bad entry costs itself alone, or where a quote or bracket is not closed what is left of its line. The
/// mark of an item that is not known (a colon, `:word:` or `word:`) costs the whole line: the words behind it
/// may be a text and no recipients. A filter of Exim or Sieve, which says so in its first line, costs the
/// whole text. Time and memory are linear in the text. Never throws but std::bad_alloc.
/// @param first_line the number of the text's first line
[[nodiscard]] DestinationList ParseDestinations(std::string_view text, unsigned first_line = 1);

/// The words of a command line, without any shell: at blanks, but not within '…', "…" (where a backslash
/// takes the meaning from `"`, `\`, `$` and a backtick, as in sh(1)) or {…} as a whole word (pipe(8) of
/// Postfix; blanks within at its ends don't count). Empty if a quote or brace is not closed.
[[nodiscard]] std::vector<std::string> SplitCommand(std::string_view line);

/// The first part of a command line that only a shell gives a meaning, so that the command would not get what
/// its author wanted it to get: an operator (`<`, `>`, `|`, `&`, `;`, a parenthesis) outside of quotes, an
/// expansion (`$NAME`, a backtick) outside of single quotes, a word that begins with `~`. Empty if there is
/// none. Nothing in braces counts.
[[nodiscard]] std::string_view FindShellSyntax(std::string_view line);

/// The fault of a command line that is run without a shell, as it follows the line's text in a message, with
/// the remedy; empty: none.
[[nodiscard]] std::string FaultOfCommand(std::string_view line);

}  // namespace mail
