// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/run.hxx"

#include "local/forward_file.hxx"
#include "local/home.hxx"
#include "programs/command/command_line.hxx"
#include "programs/command/conversation.hxx"
#include "programs/command/execution.hxx"

#include <sys/stat.h>

#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace command {

namespace {

bool IsRegularFile(FdRef fd) noexcept {
  struct stat status;
  return fd.Get() >= 0 && ::fstat(fd.Get(), &status) == 0 && S_ISREG(status.st_mode);
}

std::optional<courier::Answer> FindForwardAnswer(const courier::Request& request, const User& user) {
  auto word = local::FindForward(user, request.extension);
  if (auto* const deferred = std::get_if<mail::DeliveryResult>(&word))
    return MakeAnswer(std::move(*deferred));
  auto* const forward = std::get_if<courier::Forward>(&word);
  if (!forward) return std::nullopt;
  return courier::Answer{request.serial, {}, std::move(*forward)};
}

// Becomes the command, or returns the answer if it can't.
courier::Answer Handle(const Conversation::Order& order, FdRef output, const User& user,
                       local::Permissions& permissions) {
  const auto& request = order.request;
  if (auto absent = local::FindAbsence(user)) return MakeAnswer(std::move(*absent));
  if (request.forward)
    if (auto answer = FindForwardAnswer(request, user)) return std::move(*answer);
  auto permission = permissions.Judge(request);
  if (auto* const refused = std::get_if<mail::DeliveryResult>(&permission))
    return MakeAnswer(std::move(*refused));
  auto command = FindCommand(request.destination);
  if (auto* const refused = std::get_if<mail::DeliveryResult>(&command))
    return MakeAnswer(std::move(*refused));
  if (request.explain)
    return MakeAnswer(mail::Delivered("2.0.0", "would run " + NameOfCommand(request.destination)));
  if (!IsRegularFile(order.message))
    return MakeAnswer(mail::Deferred("4.3.0", "The request came without a message"));
  return MakeAnswer(Execute(std::get<CommandLine>(command), request, order.message, output, user));
}

}  // namespace

void RunCommand(FdRef runner, const User& user, local::Permissions& permissions) {
  Conversation conversation(runner);
  const auto order = conversation.Look();
  const UniqueFd output = conversation.TakeOutput();
  courier::Answer answer;
  try {
    answer = Handle(order, output, user, permissions);
  } catch (const std::exception& error) {
    answer = MakeAnswer(mail::Deferred("4.3.0", error.what()));
  }
  conversation.Answer(std::move(answer));
}

void ReportEnding(FdRef runner, const Ending& ending) {
  Conversation conversation(runner);
  const auto request = conversation.FindUnanswered();
  if (!request) return;
  conversation.Answer(
      MakeAnswer(ResultOf(ending, conversation.HasStarted(), NameOfCommand(request->destination))));
}

}  // namespace command
