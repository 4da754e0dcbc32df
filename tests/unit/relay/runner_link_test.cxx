// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/runner_link.hxx"

#include "base/file.hxx"
#include "unit/courier/no_descriptors.hxx"
#include "unit/relay/loopback_server.hxx"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mman.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace {

class RunnerLinkTest : public testing::Test {
 protected:
  RunnerLinkTest() {
    auto [ours, links] = courier::MakePair();
    for (const auto& socket : {ours.Ref(), links.Ref()}) ::fcntl(socket.Get(), F_SETFL, O_NONBLOCK);
    runner_ = std::move(ours);
    link_ = std::make_shared<relay::RunnerLink>(context_.get_executor(), std::move(links), dispatcher_,
                                                activity_.Begin());
    asio::co_spawn(context_, link_->Run(), asio::detached);
    context_.poll();  // the server waits: accept(2) asks for its descriptor first
  }
  ~RunnerLinkTest() override {
    link_->Close();
    context_.poll();
  }

  void Ask() {
    courier::Request request;
    request.serial = 1;
    request.relays = {server_.Url()};
    request.helo = "client.example";
    request.envelope.created = mail::FromMicroseconds(1);
    request.envelope.id = mail::QueueId::Make(request.envelope.created, 1);
    request.envelope.sender = "a@example.org";
    request.envelope.recipients.emplace_back().address = "b@example.net";
    const UniqueFd message(::memfd_create("message", MFD_CLOEXEC));
    WriteAll(message, "Subject: test\n\nHello\n");
    ASSERT_EQ(courier::Send(runner_, request.ToText(), message), courier::SendStatus::Sent);
  }
  /// Empty if there is none in time.
  std::optional<courier::Answer> WaitForAnswer() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    courier::Packet packet;
    while (courier::Receive(runner_, packet) != courier::ReceiveStatus::Received)
      if (context_.run_one_until(deadline) == 0) return std::nullopt;
    return courier::Answer::Parse(packet.text);
  }

  asio::io_context context_;
  relay::Activity activity_{[] {}};
  LoopbackServer server_{context_};
  relay::Dispatcher dispatcher_{context_.get_executor(), activity_, testing::TempDir() + "no-configuration"};
  UniqueFd runner_;
  std::shared_ptr<relay::RunnerLink> link_;
};

TEST_F(RunnerLinkTest, WaitsForDescriptors) {
  Ask();
  {
    const NoDescriptors none;
    context_.poll();
    courier::Packet packet;
    EXPECT_EQ(courier::Receive(runner_, packet), courier::ReceiveStatus::WouldBlock);
  }
  const auto answer = WaitForAnswer();
  ASSERT_TRUE(answer && answer->results.size() == 1);
  EXPECT_EQ(answer->results[0].second.outcome, mail::Outcome::Delivered) << answer->results[0].second.text;
}

}  // namespace
