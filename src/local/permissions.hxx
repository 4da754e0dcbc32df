// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "config/current_settings.hxx"
#include "courier/protocol.hxx"
#include "local/alias_lookup.hxx"
#include "mail/delivery_result.hxx"

#include <string>
#include <variant>

namespace local {

/// The author of a destination.
enum class Author {
  Administrator,  ///< in [Local] Mailbox=, or in an alias
  User,           ///< in the user's own forward file
};

using Permission = std::variant<Author, mail::DeliveryResult>;

/// Judges what a runner asks the programs that run as a user for. They believe nothing of it: a runner that
/// was broken into could otherwise write any file and run any command as anybody. So they look up themselves
/// whether somebody who may decide that has written the place down.
class Permissions {
 public:
  /// @param user outlives this
  /// @param directory of the configuration
  Permissions(const User& user, std::string directory) : user_(user), settings_(std::move(directory)) {}

  /// Whether the user's program may deliver to Request::destination, as the configuration, the aliases and
  /// the forward files are now. It may if that is
  ///
  /// - what [Local] Mailbox= says, or that with the user's name for "%u"; for root, whose mail is given to no
  /// command, the default in place of one;
  /// - a command or file of the forward file for Request::extension (FindForward); not root's;
  /// - a command or file of the alias or virtual user Request::alias, where the user is that of AliasUser=,
  ///   and not root; or of a file of the user's own that the alias includes.
  ///
  /// The other result, always Deferred, says why it may not. Throws std::system_error for unexpected errors.
  [[nodiscard]] Permission Judge(const courier::Request& request);
  /// Whether users choose relays of their own (UserRelays=), as the configuration is now. The runner asks
  /// nobody where they don't; one that was broken into would.
  [[nodiscard]] bool MayChooseRelays();

 private:
  [[nodiscard]] Permission Refuse(const courier::Request& request, const std::string& why) const;
  [[nodiscard]] Permission JudgeForwarded(const courier::Request& request) const;

  const User& user_;
  config::CurrentSettings settings_;
  AliasLookup aliases_;
};

}  // namespace local
