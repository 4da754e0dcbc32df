// SPDX-License-Identifier: BSD-2-Clause
#include "hostile_runner.hxx"

#include "base/error.hxx"
#include "base/file.hxx"
#include "courier/command_output.hxx"
#include "courier/packet.hxx"
#include "deadline.hxx"
#include "paths.h"

#include <poll.h>
#include <pwd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <stdexcept>
#include <utility>

namespace machine {

namespace {

// As long as it lives, this process makes its connections as mailqueue: that is whom SO_PEERCRED names.
class AsMailqueue {
 public:
  AsMailqueue() {
    if (::seteuid(UidOfUser("mailqueue")) < 0) ThrowErrno("Failed to become", "mailqueue");
  }
  ~AsMailqueue() { [[maybe_unused]] const int result = ::seteuid(0); }
  AsMailqueue(const AsMailqueue&) = delete;
  AsMailqueue& operator=(const AsMailqueue&) = delete;
};

UniqueFd ConnectAsMailqueue(const char* path) {
  const AsMailqueue as_mailqueue;
  return courier::Connect(path);
}

// @return false if the other side has closed the connection
bool ReceiveInTime(FdRef socket, courier::Packet& packet) {
  const Deadline deadline(kSoon);
  pollfd fd{socket.Get(), POLLIN, 0};
  if (::poll(&fd, 1, deadline.Milliseconds()) <= 0)
    throw std::runtime_error("No answer came from the other end of a runner's socket");
  return courier::Receive(socket, packet) == courier::ReceiveStatus::Received;
}

UniqueFd MakeMessageOf(const std::string& text) {
  UniqueFd file(::memfd_create("message", MFD_CLOEXEC));
  if (!file) ThrowErrno("Failed to make a message");
  WriteAll(file, text);
  return file;
}

bool IsComplete(const courier::Answer& answer, const courier::Request& request) {
  return answer.forward || answer.own_relays || !answer.reports.empty() ||
         answer.results.size() >= request.envelope.recipients.size();
}

HostileReply Refused(const std::string& text) {
  HostileReply reply;
  reply.ended = true;
  reply.answer.results.emplace_back(0, mail::Deferred("4.3.0", text));
  return reply;
}

}  // namespace

std::string HostileReply::FirstResult() const {
  if (answer.results.empty()) return {};
  const auto& result = answer.results.front().second;
  return result.status + " " + result.text;
}

bool HostileReply::IsDelivered() const {
  return !answer.results.empty() && answer.results.front().second.outcome == mail::Outcome::Delivered;
}

HostileRunner::Launched HostileRunner::Launch(courier::LaunchKind kind, uid_t uid) {
  const auto launcher = ConnectAsMailqueue(MAILQUEUE_RUNDIR "/launcher");
  auto [own, agents] = courier::MakePair();
  const courier::LaunchRequest request{kind, uid, 1};
  courier::Packet packet;
  if (courier::Send(launcher, request.ToText(), agents) != courier::SendStatus::Sent ||
      !ReceiveInTime(launcher, packet))
    throw std::runtime_error("The launcher has gone");
  auto reply = courier::LaunchReply::Parse(packet.text);
  if (!reply) throw std::runtime_error("The launcher's reply is not understood: " + packet.text);
  return {std::move(own), reply->ok, std::move(reply->text)};
}

HostileRunner::Launched HostileRunner::Launch(courier::LaunchKind kind, const std::string& user) {
  return Launch(kind, UidOfUser(user));
}

UniqueFd HostileRunner::ConnectToRelay() {
  return ConnectAsMailqueue(MAILQUEUE_RUNDIR "/relay");
}

courier::Request HostileRunner::MakeRequest(const std::string& destination, const std::string& message,
                                            const std::vector<std::string>& recipients) {
  courier::Request request;
  request.serial = 1;
  request.destination = destination;
  request.helo = "host.example";
  auto& envelope = request.envelope;
  envelope.created = mail::Now();
  envelope.id = mail::QueueId::Make(envelope.created, std::random_device()());
  envelope.sender = "sender@example.org";
  envelope.message_size = message.size();
  for (const auto& recipient : recipients) envelope.recipients.emplace_back().address = recipient;
  return request;
}

HostileReply HostileRunner::Ask(FdRef socket, const courier::Request& request, const std::string& message,
                                FdRef second) {
  HostileReply reply;
  reply.ended =
      courier::Send(socket, request.ToText(), MakeMessageOf(message), second) != courier::SendStatus::Sent;
  while (!reply.ended && !IsComplete(reply.answer, request)) {
    courier::Packet packet;
    reply.ended = !ReceiveInTime(socket, packet);
    if (reply.ended) break;
    auto part = courier::Answer::Parse(packet.text);
    if (!part) throw std::runtime_error("An answer is not understood: " + packet.text);
    part->results.insert(part->results.begin(), reply.answer.results.begin(), reply.answer.results.end());
    reply.answer = std::move(*part);
    if (packet.fd) reply.fd = std::move(packet.fd);
  }
  return reply;
}

HostileReply HostileRunner::AskAgent(const std::string& user, const courier::Request& request,
                                     const std::string& message) {
  const auto agent = Launch(courier::LaunchKind::Deliver, user);
  return agent.accepted ? Ask(agent.socket, request, message) : Refused(agent.text);
}

HostileReply HostileRunner::AskCommand(const std::string& user, const courier::Request& request,
                                       const std::string& message) {
  const auto command = Launch(courier::LaunchKind::Command, user);
  if (!command.accepted) return Refused(command.text);
  courier::CommandOutput output;
  if (output.SendTo(command.socket) != courier::SendStatus::Sent)
    throw std::runtime_error("The command has gone");
  return Ask(command.socket, request, message);
}

uid_t UidOfUser(const std::string& user) {
  const auto* const entry = ::getpwnam(user.c_str());
  if (!entry) throw std::runtime_error("No user " + user);
  return entry->pw_uid;
}

}  // namespace machine
