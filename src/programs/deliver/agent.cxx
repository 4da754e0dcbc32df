// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/agent.hxx"

#include "base/path_walk.hxx"
#include "local/forward_file.hxx"
#include "local/home.hxx"
#include "local/relay_file.hxx"
#include "paths.h"
#include "programs/deliver/mailbox.hxx"
#include "programs/deliver/mailbox_path.hxx"
#include "programs/deliver/mbox.hxx"
#include "programs/deliver/wait.hxx"

#include <sys/stat.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <variant>

namespace deliver {

namespace {

using namespace std::chrono_literals;

constexpr char kSystemMailbox[] = "/var/mail/%u";

bool IsRegularFile(FdRef fd) noexcept {
  struct stat status;
  return fd.Get() >= 0 && ::fstat(fd.Get(), &status) == 0 && S_ISREG(status.st_mode);
}

bool IsInHome(const std::string& destination, const User& user) {
  return destination.starts_with("~/") || !BelowHome(destination, user).empty();
}

bool NeedsHome(const courier::Request& request, const User& user) {
  return request.forward || IsInHome(request.destination, user);
}

// A user without a home has their mailbox where everybody has it by default.
std::string PlaceFor(const std::string& destination, const User& user) {
  struct stat home;
  return IsInHome(destination, user) && !local::HasUsableHome(user, home) ? kSystemMailbox : destination;
}

mail::DeliveryResult DeliverToMailbox(const courier::Request& request, FdRef message, const User& user,
                                      local::Permissions& permissions) {
  const auto permission = permissions.Judge(request);
  if (const auto* refused = std::get_if<mail::DeliveryResult>(&permission)) return *refused;
  auto made = MakeMailbox(PlaceFor(request.destination, user), std::get<local::Author>(permission), user);
  if (const auto* refused = std::get_if<mail::DeliveryResult>(&made)) return *refused;
  auto& mailbox = *std::get<0>(made);
  if (request.explain) return mailbox.Explain();
  return mailbox.Deliver({request.envelope, message, request.helo, request.again, request.head,
                          request.extension, !request.alias.empty()});
}

// procmail and similar programs write to the mailbox themselves but may not create it: only group mail may.
void MakeMailboxForCommands(const User& user) {
  std::string error;
  auto path = MailboxPath::Parse(kSystemMailbox, user, error);
  if (!path) return;
  path->rights = PathWalk::Rights::Lent;
  try {
    Mbox(std::move(*path), user).Make();
  } catch (const std::system_error&) {
    // If the command needs the mailbox, it will say so.
  }
}

bool HasCommand(const courier::Forward& forward) {
  return std::ranges::any_of(forward.destinations, [](const auto& destination) {
    return destination.kind == mail::Destination::Kind::Command;
  });
}

// Mailbox= is a command or a server: the runner delivers there without the agent.
bool IsElsewhere(const std::string& destination) noexcept {
  return destination.empty() || destination.starts_with('|');
}

local::ForwardWord FindForward(const courier::Request& request, const User& user) {
  if (!request.forward) return local::NoForward{};
  auto word = local::FindForward(user, request.extension);
  const bool is_elsewhere =
      std::holds_alternative<local::NoForward>(word) && IsElsewhere(request.destination);
  if (is_elsewhere) word = courier::Forward{{}, {{mail::Destination::Kind::User, {}, 0}}, {}};
  const auto* const forward = std::get_if<courier::Forward>(&word);
  const bool has_command =
      forward && (HasCommand(*forward) || (is_elsewhere && !request.destination.empty()));
  if (has_command && !request.explain) MakeMailboxForCommands(user);
  return word;
}

local::ForwardWord Deliver(const courier::Request& request, FdRef message, const User& user,
                           local::Permissions& permissions) {
  if (!IsRegularFile(message) && !request.explain)
    return mail::Deferred("4.3.0", "The request came without a message");
  if (NeedsHome(request, user))
    if (auto absent = local::FindAbsence(user)) return std::move(*absent);
  auto word = FindForward(request, user);
  if (!std::holds_alternative<local::NoForward>(word)) return word;
  return DeliverToMailbox(request, message, user, permissions);
}

enum class Next { Request, End };

// A runner that has only shut down its sending side still reads answers; one that is gone gets none.
Next WaitForRequest(FdRef runner) {
  pollfd fds[] = {{runner.Get(), POLLIN, 0}};
  while (!Poll(fds, -1ns)) continue;
  return fds[0].revents & (POLLHUP | POLLERR | POLLNVAL) ? Next::End : Next::Request;
}

courier::Answer MakeAnswer(const courier::Request& request, const mail::DeliveryResult& result) {
  courier::Answer answer{request.serial, {}};
  for (std::size_t i = 0; i < request.envelope.recipients.size(); ++i) answer.results.emplace_back(i, result);
  return answer;
}

bool SendAll(FdRef runner, courier::Answer answer, FdRef credentials = FdRef(-1)) {
  for (const auto& part : courier::Split(std::move(answer)))
    if (courier::Send(runner, part.ToText(), credentials) != courier::SendStatus::Sent) return false;
  return true;
}

local::RelayWord FindRelays(const courier::Request& request, const User& user) {
  if (auto absent = local::FindAbsence(user)) return std::move(*absent);
  return local::FindRelays(user, request.envelope.sender);
}

/// What goes to the runner: the answer, and the sealed choice where there is one.
struct RelaysAnswer {
  courier::Answer answer{};
  UniqueFd choice{};
};

RelaysAnswer MakeRelaysAnswer(const courier::Request& request, const User& user,
                              local::Permissions& permissions, const ChoiceSealer& sealer) {
  if (!permissions.MayChooseRelays())
    return {MakeAnswer(request, mail::Deferred("4.3.5", "UserRelays= of mailqueue.conf(5) is off"))};
  auto word = FindRelays(request, user);
  if (const auto* const why = std::get_if<mail::DeliveryResult>(&word)) return {MakeAnswer(request, *why)};
  auto& found = std::get<local::RelaysFound>(word);
  RelaysAnswer out;
  out.answer.serial = request.serial;
  if (found.choice && !request.explain) {
    auto sealed = sealer.SealFor(found.choice->Text());
    if (const auto* const why = std::get_if<mail::DeliveryResult>(&sealed))
      return {MakeAnswer(request, *why)};
    out.choice = std::get<UniqueFd>(std::move(sealed));
  }
  out.answer.own_relays = std::move(found.relays);
  return out;
}

// Answers with the relays that the user has chosen, and with the sealed credentials for the relay.
bool TellRelays(FdRef runner, const courier::Request& request, const User& user,
                local::Permissions& permissions, const ChoiceSealer& sealer) {
  RelaysAnswer out;
  try {
    out = MakeRelaysAnswer(request, user, permissions, sealer);
  } catch (const std::exception& error) {
    out = {MakeAnswer(request, mail::Deferred("4.3.0", error.what()))};
  }
  return SendAll(runner, std::move(out.answer), out.choice);
}

}  // namespace

courier::Answer Handle(const courier::Request& request, FdRef message, const User& user,
                       local::Permissions& permissions) {
  local::ForwardWord word;
  try {
    word = Deliver(request, message, user, permissions);
  } catch (const std::exception& error) {
    word = mail::Deferred("4.3.0", error.what());
  }
  if (const auto* const result = std::get_if<mail::DeliveryResult>(&word))
    return MakeAnswer(request, *result);
  courier::Answer answer{request.serial, {}};
  answer.forward = std::move(std::get<courier::Forward>(word));
  return answer;
}

void Serve(FdRef runner, const User& user, local::Permissions& permissions, const ChoiceSealer& sealer) {
  while (WaitForRequest(runner) == Next::Request) {
    courier::Packet
        packet;  // its descriptor must not be kept until the next one: the message is removed meanwhile
    const auto status = courier::Receive(runner, packet);
    if (status == courier::ReceiveStatus::Closed) return;
    if (status == courier::ReceiveStatus::WouldBlock) continue;
    const auto request = courier::Request::Parse(packet.text);
    if (!request) throw std::runtime_error("A request is not understood");
    const bool is_sent = request->own_relays
                             ? TellRelays(runner, *request, user, permissions, sealer)
                             : SendAll(runner, Handle(*request, packet.fd, user, permissions));
    if (!is_sent) return;
  }
}

}  // namespace deliver
