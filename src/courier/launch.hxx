// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How the runner asks the launcher, on the SOCK_SEQPACKET socket RUNDIR/launcher, for a program that runs as
/// a user. A request is one datagram, for an agent with one end of a SOCK_SEQPACKET pair as its descriptor;
/// the agent gets that end as its standard input and speaks courier/protocol.hxx there. The launcher answers
/// every request in one datagram, in the order of the requests, and does not look into the pair.
///
/// A positive reply means that systemd has taken the job over, not that the agent runs: one that does not
/// start, or dies, is seen as the end of the pair's other end. If the connection closes before the reply, the
/// same holds: either the request was lost, and the pair's other end has ended, or an agent is there.
namespace courier {

/// The kind of unit to start. A command line can't be named.
enum class LaunchKind {
  Deliver,  ///< LIBEXECDIR/mailqueue-deliver, in mailqueue-deliver-UID-N.service
  Command,  ///< LIBEXECDIR/mailqueue-command, in mailqueue-command-UID-N.service
  /// mailqueue-home@HOME.path, without a descriptor: as soon as the user's home directory exists, and at once
  /// if it does, all waiting mail is tried. Asking again while it waits changes nothing. Where the agent does
  /// not see a home that systemd sees, this comes in a circle: ask once a minute for a user at most.
  AwaitHome,
};

struct LaunchRequest {
  LaunchKind kind = LaunchKind::Deliver;
  uid_t uid = 0;             ///< the recipient, who must be in the user database
  std::uint64_t serial = 0;  ///< chosen by the runner, not 0

  [[nodiscard]] std::string ToText() const;
  /// Empty for anything but a whole request of this version.
  [[nodiscard]] static std::optional<LaunchRequest> Parse(std::string_view text);
};

struct LaunchReply {
  std::uint64_t serial = 0;  ///< of the request; 0 if that could not be read
  bool ok = false;
  std::string text;  ///< the unit's name, or what is wrong, for a person

  [[nodiscard]] std::string ToText() const;
  [[nodiscard]] static std::optional<LaunchReply> Parse(std::string_view text);
};

}  // namespace courier
