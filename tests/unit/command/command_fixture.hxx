// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "../base/home_fixture.hxx"
#include "base/file.hxx"
#include "courier/command_output.hxx"
#include "courier/packet.hxx"
#include "courier/protocol.hxx"
#include "local/permissions.hxx"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>

#include <optional>
#include <string>
#include <utility>

/// A runner's end of a conversation with a command's unit, and a user with a home.
struct CommandTest : HomeTest {
  static constexpr int kDeadline = 10'000;  ///< milliseconds

  std::pair<UniqueFd, UniqueFd> pair = courier::MakePair();
  courier::CommandOutput output;
  UniqueFd message{::memfd_create("message", MFD_CLOEXEC)};
  std::string configuration = directory / "configuration";
  local::Permissions permissions{user, configuration};

  CommandTest() { WriteAll(message, "Subject: x\n\nbody\n"); }
  /// Makes lines of [Local] the whole configuration.
  void Configure(const std::string& lines) const {
    Write(configuration + "/mailqueue.conf", "[Local]\n" + lines + "\n");
  }
  [[nodiscard]] courier::Request MakeRequest(std::string destination) const {
    courier::Request request;
    request.serial = 1;
    request.destination = std::move(destination);
    request.helo = "here.example";
    request.envelope.created = mail::FromMicroseconds(1'700'000'000'000'000);
    request.envelope.id = mail::QueueId::Make(request.envelope.created, 1);
    request.envelope.sender = "bob@example.org";
    request.envelope.message_size = 17;
    request.envelope.recipients.emplace_back().address = "alice+x@here.example";
    return request;
  }
  void Send(const courier::Request& request) {
    EXPECT_EQ(output.SendTo(pair.first), courier::SendStatus::Sent);
    EXPECT_EQ(courier::Send(pair.first, request.ToText(), message), courier::SendStatus::Sent);
  }
  /// Empty if there is none within the deadline.
  [[nodiscard]] std::optional<courier::Answer> TakeAnswer() {
    pollfd fd{pair.first.Get(), POLLIN, 0};
    courier::Packet packet;
    if (::poll(&fd, 1, kDeadline) <= 0) return std::nullopt;
    if (courier::Receive(pair.first, packet) != courier::ReceiveStatus::Received) return std::nullopt;
    return courier::Answer::Parse(packet.text);
  }
  /// The answer's only result.
  [[nodiscard]] mail::DeliveryResult TakeResult() {
    const auto answer = TakeAnswer();
    EXPECT_TRUE(answer && answer->serial == 1 && answer->results.size() == 1);
    return answer && !answer->results.empty() ? answer->results[0].second : mail::DeliveryResult{};
  }
  [[nodiscard]] bool HasAnswer() const {
    pollfd fd{pair.first.Get(), POLLIN, 0};
    return ::poll(&fd, 1, 0) > 0;
  }
};
