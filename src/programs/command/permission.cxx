// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/permission.hxx"

#include "local/forward_file.hxx"
#include "programs/command/command_line.hxx"

#include <algorithm>
#include <variant>

namespace command {

namespace {

bool Names(const courier::Forward& forward, std::string_view destination) {
  return std::ranges::any_of(forward.destinations, [destination](const auto& entry) {
    return entry.kind == mail::Destination::Kind::Command && "|" + entry.text == destination;
  });
}

}  // namespace

std::optional<mail::DeliveryResult> FindObjection(const courier::Request& request, const User& user,
                                                  const config::Settings::Local& settings) {
  const auto& destination = request.destination;
  const auto object = [&](const std::string& why) {
    return mail::Deferred("4.7.1", NameOfCommand(destination) + " is not run as " + user.name + ": " + why);
  };
  if (user.uid == 0) return object("root's mail is given to no command");
  if (destination == settings.mailbox) return std::nullopt;
  if (user.name == settings.alias_user) return std::nullopt;
  const auto word = local::FindForward(user, request.extension);
  if (const auto* deferred = std::get_if<mail::DeliveryResult>(&word)) return *deferred;
  const auto* const forward = std::get_if<courier::Forward>(&word);
  if (forward && Names(*forward, destination)) return std::nullopt;
  return object("it does not stand in his forward file");
}

}  // namespace command
