// SPDX-License-Identifier: BSD-2-Clause
#include "queue/destinations.hxx"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using queue::Destinations;

namespace {

const mail::DeliveryResult kFault = mail::Deferred("4.4.1", "Connection refused");

struct DestinationsTest : testing::Test {
  std::vector<std::string> changed;
  Destinations destinations{[this](const std::string& key) { changed.push_back(key); }};
  config::Settings::Queue queue;
  mail::Time now = mail::FromMicroseconds(1'700'000'000'000'000);

  char Ask(const std::string& key) { return "gdb"[destinations.Ask(key, now).index()]; }  // Go, Down, Busy
  void Fail(const std::string& key) { destinations.OnAnswer(key, true, kFault, queue, now); }
  void Succeed(const std::string& key) {
    destinations.OnAnswer(key, false, mail::Delivered("2.0.0", "ok"), queue, now);
  }
};

TEST_F(DestinationsTest, AFewGoFirst) {
  for (std::size_t i = 0; i < Destinations::kUnproven; ++i) EXPECT_EQ(Ask("a"), 'g');
  EXPECT_EQ(Ask("a"), 'b');
  EXPECT_TRUE(destinations.IsBusy("a", now));
  EXPECT_EQ(Ask("b"), 'g') << "no other destination waits";
  Succeed("a");
  EXPECT_EQ(changed, std::vector<std::string>{"a"});
  EXPECT_FALSE(destinations.IsBusy("a", now));
  for (std::size_t i = 0; i < 10 * Destinations::kUnproven; ++i) EXPECT_EQ(Ask("a"), 'g');
}

TEST_F(DestinationsTest, OneThatIsDownCostsOneRequestARound) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask("a"), 'g');
  for (int i = 0; i < 3; ++i) Fail("a");
  const auto verdict = destinations.Ask("a", now);
  const auto* const down = std::get_if<Destinations::Down>(&verdict);
  ASSERT_TRUE(down);
  EXPECT_EQ(down->until, now + queue.retry_min) << "what fails at the same time counts once";
  EXPECT_EQ(down->result.text, kFault.text);
  now += queue.retry_min;
  EXPECT_EQ(Ask("a"), 'g');
  EXPECT_EQ(Ask("a"), 'b');
  Fail("a");
  EXPECT_EQ(changed, std::vector<std::string>{"a"}) << "to learn that it is down";
  EXPECT_EQ(Ask("a"), 'd');
  now += 2 * queue.retry_min - 1s;
  EXPECT_EQ(Ask("a"), 'd');
  now += 1s;
  EXPECT_EQ(Ask("a"), 'g');
  Succeed("a");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask("a"), 'g');
}

TEST_F(DestinationsTest, ForgivesWhenAsked) {
  EXPECT_EQ(Ask("a"), 'g');
  Fail("a");
  destinations.Forgive();
  EXPECT_EQ(Ask("a"), 'g');
  EXPECT_EQ(Ask("a"), 'b') << "but one at a time";
}

// One user's flush must not send all others' mail to a relay that is down.
TEST_F(DestinationsTest, ForgivesAFlushedMessageWhatWasFoundOutBefore) {
  EXPECT_EQ(Ask("a"), 'g');
  Fail("a");
  const auto flushed = now + 1s;
  now += 2s;
  EXPECT_EQ(Ask("a"), 'd') << "for others nothing has changed";
  EXPECT_TRUE(std::holds_alternative<Destinations::Go>(destinations.Ask("a", now, flushed)));
  EXPECT_TRUE(std::holds_alternative<Destinations::Busy>(destinations.Ask("a", now, flushed)));
  EXPECT_TRUE(destinations.IsBusy("a", now, flushed));
  EXPECT_EQ(Ask("a"), 'd');
  Fail("a");
  EXPECT_TRUE(std::holds_alternative<Destinations::Down>(destinations.Ask("a", now, flushed)))
      << "it has been tried since";
}

TEST_F(DestinationsTest, ARequestThatIsLostSaysNothing) {
  EXPECT_EQ(Ask("a"), 'g');
  destinations.OnLost("a");
  EXPECT_EQ(destinations.Size(), 0U);
  EXPECT_EQ(Ask("a"), 'g');
  Fail("a");
  now += 1h;
  EXPECT_EQ(Ask("a"), 'g');
  EXPECT_EQ(Ask("a"), 'b');
  destinations.OnLost("a");
  EXPECT_EQ(changed.size(), 1U);
  EXPECT_EQ(Ask("a"), 'g');
}

TEST_F(DestinationsTest, RemembersALimitedNumber) {
  for (std::size_t i = 0; i < 2 * Destinations::kRemembered; ++i) {
    const auto key = std::to_string(i);
    EXPECT_EQ(Ask(key), 'g');
    if (i % 2 == 0)
      Fail(key);
    else
      Succeed(key);
    now += 1s;
  }
  EXPECT_LE(destinations.Size(), Destinations::kRemembered);
}

}  // namespace
