// SPDX-License-Identifier: BSD-2-Clause
#include "local/permissions.hxx"

#include "base/text.hxx"
#include "local/forward_file.hxx"
#include "local/shell.hxx"
#include "mail/destination.hxx"
#include "route/place.hxx"

#include <algorithm>

namespace local {

namespace {

// What the runner adds to a message are such fields: one for each address that a copy was sent on from, and
// who submitted it.
constexpr std::string_view kHeadFields[] = {"Delivered-To: ", "Received: by "};

bool IsHead(std::string_view head) noexcept {
  while (!head.empty()) {
    const auto end = head.find('\n');
    const bool is_known =
        std::ranges::any_of(kHeadFields, [&](auto field) { return head.starts_with(field); });
    if (end == head.npos || !is_known) return false;
    head.remove_prefix(end + 1);
  }
  return true;
}

// Also with the user's name in the place of "%u", which is the same file.
bool IsMailbox(std::string_view destination, std::string_view mailbox, std::string_view name) {
  if (destination == mailbox) return true;
  if (mailbox.starts_with('|') || destination.find('%') != destination.npos) return false;
  std::string path(mailbox);
  for (auto at = path.find("%u"); at != path.npos; at = path.find("%u", at + name.size()))
    path.replace(at, 2, name);
  return destination == path;
}

// A command line has a password in it now and then, and the result goes into a bounce.
std::string NameOf(std::string_view destination) {
  if (!destination.starts_with('|')) return Quote(destination);
  const auto words = mail::SplitCommand(destination.substr(1));
  return "command " + Quote(words.empty() ? destination : std::string_view(words[0]));
}

}  // namespace

Permission Permissions::Refuse(const courier::Request& request, const std::string& why) const {
  std::string text =
      "Nothing is delivered to " + NameOf(request.destination) + " as " + user_.name + ": " + why;
  if (settings_.Get().incomplete)
    text += " (a file of the configuration can't be read by " + user_.name + ")";
  return mail::Deferred("4.7.1", std::move(text));
}

Permission Permissions::Judge(const courier::Request& request) {
  settings_.Refresh();
  const auto& settings = settings_.Get();
  if (!IsHead(request.head)) return Refuse(request, "the message comes with fields that nobody adds");
  if (IsMailbox(request.destination, settings.local.MailboxOf(user_.uid), user_.name))
    return Author::Administrator;
  if (user_.uid == 0) return Refuse(request, "root's mail goes into root's mailbox and nowhere else");
  if (!request.alias.empty()) {
    const auto objection = aliases_.FindObjection(settings, request.alias, request.destination, user_);
    if (objection) return Refuse(request, *objection);
    if (user_.name == settings.local.alias_user) return Author::Administrator;
    if (IsPerson(user_.uid) && !HasListedShell(user_))
      return Refuse(request, "their shell, " + Quote(ShellOf(user_)) + ", is not in /etc/shells");
    return Author::User;
  }
  return JudgeForwarded(request);
}

bool Permissions::MayChooseRelays() {
  settings_.Refresh();
  return settings_.Get().relay.user_relays;
}

Permission Permissions::JudgeForwarded(const courier::Request& request) const {
  const auto word = FindForward(user_, request.extension);
  if (const auto* const deferred = std::get_if<mail::DeliveryResult>(&word)) return *deferred;
  const auto* const forward = std::get_if<courier::Forward>(&word);
  const bool is_named = forward && std::ranges::any_of(forward->destinations, [&](const auto& entry) {
                          return route::DestinationOf(entry) == request.destination;
                        });
  if (is_named) return Author::User;
  return Refuse(request, "neither the configuration nor the user's forward file says so");
}

}  // namespace local
