// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "programs/deliver/mailbox.hxx"
#include "programs/deliver/mailbox_path.hxx"

#include <chrono>

namespace deliver {

/// An mbox file. It is made where there is none: mode 0660 and group mail in a directory that gives its
/// files that group (/var/mail on Debian), else mode 0600. One that is there is used only if it is a regular
/// file of the user with one name, which nobody else may write but a group of their own or group mail.
class Mbox : public Mailbox {
 public:
  static constexpr std::chrono::seconds kLockTimeout{30};

  /// @param lock_timeout how long to wait for others' locks; then the message is deferred
  Mbox(MailboxPath path, User user, std::chrono::milliseconds lock_timeout = kLockTimeout);

  [[nodiscard]] mail::DeliveryResult Deliver(const local::Letter& letter) override;
  [[nodiscard]] mail::DeliveryResult Explain() override;

  /// Makes an empty one where there is none. Throws std::system_error.
  void Make();

 private:
  MailboxPath path_;
  User user_;
  std::chrono::milliseconds lock_timeout_;
};

}  // namespace deliver
