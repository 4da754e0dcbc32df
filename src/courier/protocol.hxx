// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/destination.hxx"
#include "mail/envelope.hxx"
#include "mail/relay_report.hxx"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How the runner asks a courier (relay, deliver, command) to deliver. One datagram a request, with the
/// message as a read-only descriptor of a regular file; its offset is shared and means nothing, so read it
/// with pread(2). Where a user has chosen the relays, their choice comes as a second descriptor
/// (courier/credentials.hxx). The courier answers in one or several datagrams until every recipient of the
/// request has a result; the order is free, and so is the order of requests. Whatever is unanswered when the
/// connection closes counts as not attempted.
///
/// A command's connection is for one request, with serial 1 and one recipient. In front of it goes a datagram
/// with the descriptor that the command gets as its standard output and error: see CommandOutput. The answer
/// comes from the program itself where no command is run, else, when that has ended, from another run of the
/// program in the same unit.
namespace courier {

struct Request {
  std::uint64_t serial = 0;  ///< chosen by the runner, unique on the connection
  /// deliver: the mailbox ([Local] Mailbox=), or empty or "|COMMAND" where the agent can only say what a
  /// forward file says; command: "|COMMAND LINE"
  std::string destination;
  /// relay: URLs (config::RelayUrl) in the order to be tried: the next one gets the message when nothing can
  /// be handed to the one before it; at least one
  std::vector<std::string> relays;
  std::string options;  ///< relay: how, as config::ParseRelayOptions reads it
  std::string helo;     ///< relay: the name to say in EHLO; deliver: the host's mail name
  bool again = false;   ///< an earlier attempt may have got part of the way
  /// deliver: if the user has a forward file, answer with what it says instead; if they have none, and the
  /// agent can't deliver to destination, with a Forward of an empty path and one User without a name
  bool forward = false;
  /// deliver: answer with the relays that the user has chosen for mail of the envelope's sender
  bool own_relays = false;
  /// relay: the name of the user who has chosen the relays, and logs in with credentials of their own; the
  /// options are in the sealed choice then, and these here are ignored. Empty: the administrator has
  std::string owner{};
  /// relay: whose mail it is, for turns: the submitter, or all those whom nobody knows
  std::uint32_t share = 0;
  bool probe = false;     ///< relay: deliver nothing, but connect to each of the relays; Answer::reports
  bool explain = false;   ///< deliver nothing; say what would be done, as results or as Answer::forward
  std::string extension;  ///< deliver, command: "detail" of user+detail; mostly empty
  /// deliver, command: the key of the alias or virtual user that names the destination, directly or in a file
  /// that it includes; empty: none does
  std::string alias{};
  std::string
      head;  ///< fields that go in front of the message, each ended by LF: "Delivered-To: …\n"; mostly empty
  mail::Envelope envelope;  ///< with only the recipients of this request; at least one

  [[nodiscard]] std::string ToText() const;
  [[nodiscard]] static std::optional<Request> Parse(std::string_view text);
};

/// The contents of a user's forward file.
struct Forward {
  std::string path;                             ///< of the file
  std::vector<mail::Destination> destinations;  ///< at least one, and no Include: the agent has read what is
                                                ///< included, with the user's rights
  std::vector<std::string>
      faults;  ///< what is not understood, "PATH:LINE: TEXT": the mailbox stands in for each
  bool is_private =
      false;  ///< not everybody may read it, or what it includes: others are not told what it says
};

/// Which relays a user has chosen.
struct OwnRelays {
  std::string where{};        ///< what has decided, "PATH:LINE"; empty: nothing, they have chosen none
  std::string relays{};       ///< of a config::RelayList, as its ToString writes it
  std::string options{};      ///< of config::RelayAssignments, as ToText writes them
  std::string credentials{};  ///< changes with the choice that comes with the answer, and tells nothing of
                              ///< its credentials; empty: none comes
  std::vector<std::string> faults{};  ///< what is not understood or has no effect, "PATH:LINE: TEXT"
};

struct Answer {
  std::uint64_t serial = 0;
  /// Pairs of a recipient's index in the request and its result.
  std::vector<std::pair<std::size_t, mail::DeliveryResult>> results;
  std::optional<Forward> forward{};  ///< instead of any result: nothing has been delivered
  /// relay: none of the relays could be reached, or took a session; whatever else would go there has the same
  /// result
  bool unreached = false;
  std::vector<mail::RelayReport> reports{};  ///< relay: instead of any result, where a probe was asked for
  std::optional<OwnRelays> own_relays{};     ///< deliver: instead of any result, where they were asked for

  [[nodiscard]] std::string ToText() const;
  [[nodiscard]] static std::optional<Answer> Parse(std::string_view text);
};

/// The status of a result, and of no other one, that says that the user's home directory does not exist now:
/// LaunchKind::AwaitHome has the mail tried when it does.
constexpr std::string_view kAwaitsHome = "4.2.1";

/// The status of a result that says that a mailbox is closed to its user, as the agent sees the file systems:
/// it has them as they were when it was started, so a new one may see it open.
constexpr std::string_view kMailboxClosed = "4.2.0";

/// The status of a result that says that a relay does not let us in: it takes a person to change that, so
/// such mail waits however long that takes (RFC 4954 section 6).
constexpr std::string_view kLoginRefused = "4.7.8";

/// The most octets of a text (DeliveryResult::text and remote, a fault, a line of a report) that travel, and
/// that Parse takes over; the rest is cut.
constexpr std::size_t kMaxResultText = 500;
/// The most results one Answer may hold, so that it fits into a datagram.
constexpr std::size_t kMaxResultsPerAnswer = 20;

/// @p answer in as many answers as kMaxResultsPerAnswer asks for.
[[nodiscard]] std::vector<Answer> Split(Answer answer);

}  // namespace courier
