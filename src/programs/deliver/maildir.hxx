// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "programs/deliver/mailbox.hxx"
#include "programs/deliver/mailbox_path.hxx"

#include <optional>
#include <string>

namespace deliver {

/// A Maildir (maildir(5)). It is made whole where there is none, with the directories that lead to it in the
/// home; one that is there is used only if it and its tmp, new and cur belong to the user, and nobody else
/// may write to them but a group of their own or group mail.
///
/// A message's name is made of its queue ID and its head alone, so that an attempt finds what one before it
/// has left: a whole copy in new or cur counts as delivered, a part of one in tmp is replaced.
class Maildir : public Mailbox {
 public:
  /// @param path its name is the Maildir's directory
  Maildir(MailboxPath path, User user) : path_(std::move(path)), user_(std::move(user)) {}

  [[nodiscard]] mail::DeliveryResult Deliver(const local::Letter& letter) override;
  [[nodiscard]] mail::DeliveryResult Explain() override;

  /// "SECONDS.QUEUEID_HASH.HOST": the time is the message's, the hash that of its head.
  [[nodiscard]] static std::string NameFor(const local::Letter& letter, const User& user);

 private:
  [[nodiscard]] mail::DeliveryResult DeliverInto(const FileAt& top, const local::Letter& letter);
  [[nodiscard]] std::optional<mail::DeliveryResult> ExplainIn(const FileAt& maildir);

  MailboxPath path_;
  User user_;
};

}  // namespace deliver
