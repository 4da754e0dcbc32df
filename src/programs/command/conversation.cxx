// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/conversation.hxx"

#include "base/error.hxx"
#include "courier/command_output.hxx"
#include "courier/packet.hxx"

#include <poll.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace command {

namespace {

constexpr std::uint64_t kSerial = 1;

// So that neither Receive nor Peek waits.
bool HasPacket(FdRef socket) {
  pollfd fd{socket.Get(), POLLIN, 0};
  int n;
  do n = ::poll(&fd, 1, 0);
  while (n < 0 && errno == EINTR);
  if (n < 0) ThrowErrno("Failed to poll");
  return fd.revents & POLLIN;
}

courier::Request ParseRequest(const courier::Packet& packet) {
  auto request = courier::Request::Parse(packet.text);
  if (!request || request->serial != kSerial || request->envelope.recipients.size() != 1)
    throw std::runtime_error("The request is not understood");
  return std::move(*request);
}

}  // namespace

Conversation::Order Conversation::Look() {
  courier::Packet packet;
  auto status = courier::Peek(runner_, packet);
  if (status == courier::ReceiveStatus::Received && courier::IsCommandOutput(packet)) {
    status = courier::Receive(runner_, packet);
    output_ = std::move(packet.fd);
    packet = {};
    status = courier::Peek(runner_, packet);
  }
  if (status != courier::ReceiveStatus::Received)
    throw std::runtime_error("The runner has gone without a request");
  return {ParseRequest(packet), std::move(packet.fd)};
}

std::optional<courier::Request> Conversation::FindUnanswered() {
  courier::Packet packet;
  while (HasPacket(runner_) && courier::Peek(runner_, packet) == courier::ReceiveStatus::Received) {
    if (!courier::IsCommandOutput(packet)) return ParseRequest(packet);
    started_ = false;
    if (courier::Receive(runner_, packet) != courier::ReceiveStatus::Received) break;
  }
  return std::nullopt;
}

void Conversation::Answer(courier::Answer answer) {
  courier::Packet packet;
  if (HasPacket(runner_)) static_cast<void>(courier::Receive(runner_, packet));
  for (const auto& part : courier::Split(std::move(answer)))
    static_cast<void>(courier::Send(runner_, part.ToText()));
}

courier::Answer MakeAnswer(mail::DeliveryResult result) {
  courier::Answer answer{kSerial, {}};
  answer.results.emplace_back(0, std::move(result));
  return answer;
}

}  // namespace command
