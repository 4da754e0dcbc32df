// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mailbox.hxx"

#include "base/text.hxx"
#include "programs/deliver/mailbox_path.hxx"
#include "programs/deliver/mbox.hxx"

namespace deliver {

std::variant<std::unique_ptr<Mailbox>, mail::DeliveryResult> MakeMailbox(std::string_view destination,
                                                                         const User& user) {
  std::string error;
  auto path = MailboxPath::Parse(destination, user, error);
  if (!path) return mail::Deferred("4.3.5", "Mailbox=" + Quote(destination) + ": " + error);
  return std::make_unique<Mbox>(std::move(*path), user);
}

}  // namespace deliver
