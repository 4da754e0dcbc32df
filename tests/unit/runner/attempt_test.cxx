// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/attempt.hxx"

#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

using namespace std::chrono_literals;

namespace {

// Destinations call back, which is where these tests make a fault.
struct AttemptTest : testing::Test {
  SpoolDirectory directory;
  asio::io_context context{1};
  spool::Queue queue{directory.Open("queue")};
  runner::Routing routing{context};
  runner::Couriers couriers{context, [](const std::string&, std::size_t) {}};
  bool is_broken = false;
  runner::Destinations destinations{[this](const std::string&) {
    if (is_broken) throw std::runtime_error("no memory");
  }};
  runner::Notices notices;
  runner::Shares attempts{10};
  config::Settings settings;
  runner::Entry entry;
  unsigned finished = 0;
  runner::Attempt::End end;

  AttemptTest() {
    std::string bad;
    settings.mail.hostname = settings.mail.domain = "host.example";
    settings.relay.common.hosts = config::RelayList::Parse("relay.invalid", bad);
    entry.envelope = MakeTestEnvelope(1);
    entry.envelope.recipients[0].address = "x@elsewhere.invalid";
    entry.places = 1;
  }

  void Start() {
    const auto on_finished = [this](const auto& how) {
      ++finished;
      end = how;
    };
    const runner::Attempt::Means means{context, queue, routing, couriers, destinations, notices, attempts};
    std::make_shared<runner::Attempt>(entry, settings, means, on_finished)->Start();
  }

  bool RunUntil(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < until) {
      context.restart();
      context.run_one_for(100ms);
    }
    return condition();
  }

  std::string FindKey() {
    std::string key;
    routing.Expand(settings, 0, {entry.envelope.recipients[0].address}, "", 0, [&](const auto& expansions) {
      const auto* const route = expansions.at(0).ends.at(0).GetRoute();
      if (route) key = runner::Destinations::KeyOf(*route, mail::TlsDemand::None);
    });
    context.run();
    return key;
  }

  bool IsBusy(const std::string& key) {
    return std::holds_alternative<runner::Destinations::Busy>(destinations.Ask(key, mail::Now()));
  }
};

TEST_F(AttemptTest, EndsWhenTheMessageCanNotBeOpened) {
  Start();
  ASSERT_TRUE(RunUntil([&] { return finished > 0; }));
  EXPECT_TRUE(end.lost);
  EXPECT_FALSE(entry.envelope.recipients[0].result);
}

TEST_F(AttemptTest, EndsAfterAFaultInAnAnswer) {
  spool::QueueBatch batch(queue);
  batch.Add(entry.envelope, "Subject: x\n\nbody\n");
  static_cast<void>(batch.Commit());
  const auto key = FindKey();
  ASSERT_FALSE(key.empty());
  while (!IsBusy(key)) continue;
  destinations.OnLost(key);  // the last place is the attempt's
  Start();
  ASSERT_TRUE(RunUntil([&] { return destinations.IsBusy(key, mail::Now()); }));
  ASSERT_TRUE(IsBusy(key));  // somebody waits for it
  is_broken = true;
  ASSERT_TRUE(RunUntil([&] { return finished > 0; }));
  EXPECT_TRUE(end.lost);
  context.restart();
  context.poll();
  EXPECT_EQ(finished, 1u);
  EXPECT_FALSE(entry.envelope.recipients[0].IsSettled());
}

}  // namespace
