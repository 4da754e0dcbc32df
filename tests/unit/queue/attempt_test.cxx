// SPDX-License-Identifier: BSD-2-Clause
#include "queue/attempt.hxx"

#include "base/error.hxx"
#include "unit/queue/fake_environment.hxx"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

using Call = FakeStore::Call;

// Destinations call back, which is where these tests make a fault.
struct AttemptTest : testing::Test {
  FakeEnvironment world;
  queue::Environment environment = world.Get();
  queue::MessageLog log{world.log, world.clock};
  bool is_broken = false;
  queue::Destinations destinations{[this](const std::string&) {
    if (is_broken) throw std::runtime_error("no memory");
  }};
  queue::Notices notices{world.log};
  queue::Shares attempts{10};
  queue::Entry entry;
  unsigned finished = 0;
  queue::Attempt::End end;

  void Start(const std::vector<std::string>& recipients) {
    entry.envelope = world.Put(world.MakeEnvelope(recipients));
    entry.places = 1;
    const auto on_finished = [this](const auto& how) {
      ++finished;
      end = how;
    };
    const queue::Attempt::Means means{environment, log, destinations, notices, attempts};
    std::make_shared<queue::Attempt>(entry, world.settings.Current(), means, on_finished)->Start();
    world.clock.RunPosted();
  }
  void Answer(std::size_t order, const std::optional<mail::DeliveryResult>& result) {
    world.couriers.Answer(order, result);
    world.clock.RunPosted();
  }
  [[nodiscard]] const mail::Recipient& Recipient(std::size_t index = 0) const {
    return entry.envelope.recipients.at(index);
  }
};

TEST_F(AttemptTest, EndsWhenTheMessageCanNotBeOpened) {
  world.store.on_call = [](Call call, const auto&) {
    if (call == Call::ReadHeader) throw MakeErrno(EMFILE, "Failed to open it");
  };
  Start({"x@example.net"});
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.lost);
  EXPECT_FALSE(Recipient().result);
}

TEST_F(AttemptTest, EndsAfterAFaultInAnAnswer) {
  Start({"x@example.net"});
  ASSERT_EQ(world.couriers.deliveries.size(), 1u);
  const auto key = queue::Destinations::KeyOf(world.couriers.deliveries[0].route, mail::TlsDemand::None);
  while (!std::holds_alternative<queue::Destinations::Busy>(destinations.Ask(key, world.clock.Now())))
    continue;  // now somebody waits for it
  is_broken = true;
  Answer(0, mail::Delivered("2.0.0", "ok"));
  EXPECT_EQ(finished, 1u);
  EXPECT_TRUE(end.lost);
  EXPECT_FALSE(Recipient().IsSettled());
}

}  // namespace
