// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "courier/credentials.hxx"
#include "courier/protocol.hxx"
#include "mail/delivery_result.hxx"

#include <cstddef>
#include <memory>
#include <string>
#include <variant>

namespace local {

/// Which relays a user has chosen, or that they have chosen none.
struct RelaysFound {
  courier::OwnRelays relays{};
  std::unique_ptr<const courier::ChoiceWriter>
      choice{};  ///< the same for the relay, with the credentials; null: none
};

/// The result, always Deferred, where that can't be known now: their mail must not go another way than they
/// chose.
using RelayWord = std::variant<RelaysFound, mail::DeliveryResult>;

/// Looks for the relays of mail of a sender in ~/.config/mailqueue/relay.conf (config::UserRelays), and for
/// what their labels stand for in ~/.config/mailqueue/credentials/LABEL, as the user that the process runs
/// as.
///
/// Deferred: a person's home that is not there (FindAbsence); a file that can't be read or trusted (PathWalk,
/// FindDistrust; a symbolic link may lead neither out of the home nor nowhere) or is too large; a credential
/// that is missing, that others may read, or that is not "USER:PASSWORD"; a Host= of which nothing is
/// understood; and something that is not understood and might have named another relay or the keys of its
/// server (UserRelays::FindMisleading).
/// @param sender with a domain; empty: the null sender
/// Throws std::system_error for unexpected errors.
[[nodiscard]] RelayWord FindRelays(const User& user, const std::string& sender);

constexpr std::size_t kMaxRelayFile = 64 * 1024;  ///< octets

}  // namespace local
