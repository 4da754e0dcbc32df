// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mailbox.hxx"

#include "base/text.hxx"
#include "programs/deliver/mailbox_path.hxx"
#include "programs/deliver/maildir.hxx"
#include "programs/deliver/mbox.hxx"
#include "programs/deliver/plugin.hxx"

#include <string>

namespace deliver {

namespace {

constexpr std::string_view kPlugin = "plugin:";

}  // namespace

std::variant<std::unique_ptr<Mailbox>, mail::DeliveryResult> MakeMailbox(std::string_view destination,
                                                                         local::Author author,
                                                                         const User& user) {
  if (destination.starts_with(kPlugin))
    return std::make_unique<Plugin>(std::string(destination.substr(kPlugin.size())), user);
  const bool is_maildir = destination.size() > 1 && destination.ends_with('/');
  std::string error;
  auto path = MailboxPath::Parse(is_maildir ? destination.substr(0, destination.size() - 1) : destination,
                                 user, error);
  if (!path) return mail::Deferred("4.3.5", "Mailbox " + Quote(destination) + ": " + error);
  if (author == local::Author::Administrator) path->rights = PathWalk::Rights::Lent;
  if (is_maildir) return std::make_unique<Maildir>(std::move(*path), user);
  return std::make_unique<Mbox>(std::move(*path), user);
}

}  // namespace deliver
