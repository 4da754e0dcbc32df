// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "local/letter.hxx"
#include "local/permissions.hxx"
#include "mail/delivery_result.hxx"

#include <memory>
#include <string_view>
#include <variant>

namespace deliver {

/// A place where mail ends: an mbox, a Maildir, a plugin.
class Mailbox {
 public:
  virtual ~Mailbox() = default;

  /// When this returns Delivered, the message is on stable storage exactly once; else nothing of it is there.
  /// A plugin promises that for itself.
  /// Throws std::exception for unexpected errors: then the result is not known.
  [[nodiscard]] virtual mail::DeliveryResult Deliver(const local::Letter& letter) = 0;

  /// The result that Deliver would probably have, without delivering: the mailbox, or the obstacle.
  /// Throws std::exception as above.
  [[nodiscard]] virtual mail::DeliveryResult Explain() = 0;
};

/// @param destination as [Local] Mailbox= or a forward file has it: a path, with a slash at its end for a
///   Maildir, or plugin:/PATH
/// @param author who has written it there: group mail's rights serve the administrator alone
/// @return a DeliveryResult (Deferred) if it does not name a mailbox that this user can have
[[nodiscard]] std::variant<std::unique_ptr<Mailbox>, mail::DeliveryResult> MakeMailbox(
    std::string_view destination, local::Author author, const User& user);

}  // namespace deliver
