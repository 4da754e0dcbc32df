// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "courier/launch.hxx"
#include "courier/protocol.hxx"

#include <sys/types.h>

#include <string>
#include <vector>

namespace machine {

/// What a courier has answered to one request.
struct HostileReply {
  courier::Answer answer{};  ///< all parts of it together; its results are in the order of their arrival
  UniqueFd fd{};             ///< what came with the answer; empty: nothing
  bool ended = false;        ///< the courier closed the connection before the answer was complete

  /// "4.7.1 TEXT" of the first result; empty if there is none.
  [[nodiscard]] std::string FirstResult() const;
  /// The first result is that the message was delivered.
  [[nodiscard]] bool IsDelivered() const;
};

/// A runner that somebody has broken into: asks the launcher, and through it agents and commands, and the
/// relay, with the uid of mailqueue, for whatever it likes. A test that uses it runs as root.
class HostileRunner {
 public:
  /// What the launcher made of a request.
  struct Launched {
    UniqueFd socket{};      ///< to the program that runs now, or ends at once
    bool accepted = false;  ///< the launcher has handed the request to systemd
    std::string text{};     ///< the unit's name, or why there is none
  };

  /// Throws std::runtime_error if the launcher does not answer.
  [[nodiscard]] static Launched Launch(courier::LaunchKind kind, uid_t uid);
  [[nodiscard]] static Launched Launch(courier::LaunchKind kind, const std::string& user);

  /// Connects to the relay's socket. Throws std::system_error.
  [[nodiscard]] static UniqueFd ConnectToRelay();

  /// A request with serial 1 whose envelope fits to @p message.
  [[nodiscard]] static courier::Request MakeRequest(const std::string& destination,
                                                    const std::string& message,
                                                    const std::vector<std::string>& recipients = {"x"});

  /// Sends one request and waits for its whole answer.
  /// @param second sent as the second descriptor, where it is not empty
  /// Throws std::runtime_error if no answer comes in time.
  [[nodiscard]] static HostileReply Ask(FdRef socket, const courier::Request& request,
                                        const std::string& message, FdRef second = FdRef(-1));

  /// Launches, asks once, and lets the program go. For a command its output comes first, as the runner does
  /// it. A launcher that refuses is a reply that ended, with one deferred result that has the launcher's
  /// text.
  [[nodiscard]] static HostileReply AskAgent(const std::string& user, const courier::Request& request,
                                             const std::string& message);
  [[nodiscard]] static HostileReply AskCommand(const std::string& user, const courier::Request& request,
                                               const std::string& message);
};

/// The uid of a user of this machine. Throws std::runtime_error if there is none.
[[nodiscard]] uid_t UidOfUser(const std::string& user);

}  // namespace machine
