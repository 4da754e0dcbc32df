// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/agent.hxx"

#include "programs/deliver/mailbox.hxx"
#include "programs/deliver/wait.hxx"

#include <sys/stat.h>

#include <exception>
#include <stdexcept>
#include <variant>

namespace deliver {

namespace {

using namespace std::chrono_literals;

bool IsRegularFile(FdRef fd) noexcept {
  struct stat status;
  return fd.Get() >= 0 && ::fstat(fd.Get(), &status) == 0 && S_ISREG(status.st_mode);
}

mail::DeliveryResult Deliver(const courier::Request& request, FdRef message, const User& user) {
  if (!IsRegularFile(message)) return mail::Deferred("4.3.0", "The request came without a message");
  auto mailbox = MakeMailbox(request.destination, user);
  if (const auto* refused = std::get_if<mail::DeliveryResult>(&mailbox)) return *refused;
  return std::get<0>(mailbox)->Deliver({request.envelope, message, request.helo, request.again});
}

enum class Next { Request, End };

// A runner that has only shut down its sending side still reads answers; one that is gone gets none.
Next WaitForRequest(FdRef runner) {
  pollfd fds[] = {{runner.Get(), POLLIN, 0}};
  while (!Poll(fds, -1ns)) continue;
  return fds[0].revents & (POLLHUP | POLLERR | POLLNVAL) ? Next::End : Next::Request;
}

bool SendAll(FdRef runner, courier::Answer answer) {
  for (const auto& part : courier::Split(std::move(answer)))
    if (courier::Send(runner, part.ToText()) != courier::SendStatus::Sent) return false;
  return true;
}

}  // namespace

courier::Answer Handle(const courier::Request& request, FdRef message, const User& user) {
  mail::DeliveryResult result;
  try {
    result = Deliver(request, message, user);
  } catch (const std::exception& error) {
    result = mail::Deferred("4.3.0", error.what());
  }
  courier::Answer answer{request.serial, {}};
  for (std::size_t i = 0; i < request.envelope.recipients.size(); ++i) answer.results.emplace_back(i, result);
  return answer;
}

void Serve(FdRef runner, const User& user) {
  while (WaitForRequest(runner) == Next::Request) {
    courier::Packet
        packet;  // its descriptor must not be kept until the next one: the message is removed meanwhile
    const auto status = courier::Receive(runner, packet);
    if (status == courier::ReceiveStatus::Closed) return;
    if (status == courier::ReceiveStatus::WouldBlock) continue;
    const auto request = courier::Request::Parse(packet.text);
    if (!request) throw std::runtime_error("A request is not understood");
    if (!SendAll(runner, Handle(*request, packet.fd, user))) return;
  }
}

}  // namespace deliver
