// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/couriers/channel.hxx"

#include "base/error.hxx"
#include "unit/courier/no_descriptors.hxx"

#include <gtest/gtest.h>

#include <fcntl.h>

#include <cerrno>
#include <map>
#include <vector>

using runner::Channel;
using runner::Order;
using runner::Reply;

namespace {

struct ChannelTest : testing::Test {
  asio::io_context context{1};
  UniqueFd courier;
  std::shared_ptr<Channel> channel;
  unsigned idle = 0;
  unsigned closed = 0;
  unsigned opened = 0;  // messages
  std::vector<Reply> replies;

  void Start(std::size_t window) {
    auto [ours, couriers] = courier::MakePair();
    courier = std::move(couriers);
    ::fcntl(courier.Get(), F_SETFL, O_NONBLOCK);
    channel = std::make_shared<Channel>(context, std::move(ours), window,
                                        Channel::Events{[this] { ++idle; }, [this] { ++closed; }});
    channel->Start();
  }

  Order MakeOrder() {
    Order order;
    order.request.envelope.id = mail::QueueId::Make(mail::FromMicroseconds(1), 1);
    order.request.envelope.recipients.emplace_back().address = "bob";
    order.open = [this] {
      ++opened;
      return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    };
    order.done = [this](const Reply& reply) { replies.push_back(reply); };
    return order;
  }

  void Run() {
    context.restart();
    context.poll();
  }

  // The serials of what the courier has been sent.
  std::vector<std::uint64_t> Receive() {
    std::vector<std::uint64_t> serials;
    courier::Packet packet;
    while (courier::Receive(courier, packet) == courier::ReceiveStatus::Received) {
      EXPECT_TRUE(packet.fd);
      serials.push_back(courier::Request::Parse(packet.text)->serial);
    }
    return serials;
  }

  void Answer(std::uint64_t serial) {
    courier::Answer answer{serial, {{0, mail::Delivered("2.0.0", "ok")}}};
    ASSERT_EQ(courier::Send(courier, answer.ToText()), courier::SendStatus::Sent);
    Run();
  }
};

TEST_F(ChannelTest, OpensAMessageWhenItsRequestIsSent) {
  Start(2);
  for (int i = 0; i < 5; ++i) channel->Deliver(MakeOrder());
  Run();
  EXPECT_EQ(opened, 2u);
  EXPECT_EQ(Receive(), (std::vector<std::uint64_t>{1, 2}));
  Answer(1);
  EXPECT_EQ(opened, 3u);
  EXPECT_EQ(Receive(), (std::vector<std::uint64_t>{3}));
  EXPECT_TRUE(channel->HasUnsent());
  EXPECT_EQ(idle, 0u);
}

// Lack of descriptors, or a message that can't be read, is a matter of that message.
TEST_F(ChannelTest, GivesBackTheOrderThatCantBeSentAndNoOther) {
  Start(5);
  auto broken = MakeOrder();
  broken.open = []() -> UniqueFd { throw MakeErrno(EMFILE, "Failed to open it"); };
  auto large = MakeOrder();
  large.request.helo = std::string(courier::kMaxPacket, 'x');
  channel->Deliver(MakeOrder());
  channel->Deliver(std::move(broken));
  channel->Deliver(std::move(large));
  channel->Deliver(MakeOrder());
  Run();
  EXPECT_EQ(Receive(), (std::vector<std::uint64_t>{1, 4}));
  ASSERT_EQ(replies.size(), 2u);
  for (const auto& reply : replies) {
    ASSERT_EQ(reply.results.size(), 1u);
    EXPECT_FALSE(reply.results[0]);
    EXPECT_NE(reply.fault, "");
  }
  Answer(1);
  Answer(4);
  EXPECT_EQ(replies.size(), 4u);
  EXPECT_EQ(idle, 1u);
  EXPECT_EQ(closed, 0u);
}

TEST_F(ChannelTest, WaitsForTheDescriptorOfAnAnswer) {
  Start(5);
  channel->Deliver(MakeOrder());
  Run();
  Receive();
  courier::Answer answer{1, {}};
  answer.own_relays.emplace().credentials = "stamp";
  ASSERT_EQ(courier::Send(courier, answer.ToText(), courier), courier::SendStatus::Sent);
  {
    const NoDescriptors none;
    Run();
    EXPECT_TRUE(replies.empty());
  }
  context.run_one();
  ASSERT_EQ(replies.size(), 1u);
  ASSERT_TRUE(replies[0].credentials);
  EXPECT_TRUE(*replies[0].credentials);
  EXPECT_EQ(closed, 0u);
}

TEST_F(ChannelTest, IsIdleWhenAllWasGivenBack) {
  Start(5);
  auto broken = MakeOrder();
  broken.open = []() -> UniqueFd { throw MakeErrno(EMFILE, "Failed to open it"); };
  channel->Deliver(std::move(broken));
  Run();
  EXPECT_EQ(idle, 1u);
}

TEST_F(ChannelTest, PutsOffWhatHasNotBeenSent) {
  Start(2);
  for (int i = 0; i < 5; ++i) channel->Deliver(MakeOrder());
  Run();
  channel->PutOff();
  ASSERT_EQ(replies.size(), 3u);
  for (const auto& reply : replies) EXPECT_TRUE(reply.put_off);
  EXPECT_FALSE(channel->IsIdle());
  Receive();
  Answer(1);
  Answer(2);
  ASSERT_EQ(replies.size(), 5u);
  EXPECT_FALSE(replies[4].put_off);
  EXPECT_TRUE(replies[4].results.at(0));
}

TEST_F(ChannelTest, GivesEverythingBackOnceWhenItCloses) {
  Start(2);
  for (int i = 0; i < 5; ++i) channel->Deliver(MakeOrder());
  Run();
  courier.Close();
  Run();
  EXPECT_EQ(replies.size(), 5u);
  EXPECT_EQ(closed, 1u);
  channel->Close();
  EXPECT_EQ(closed, 1u);
}

}  // namespace
