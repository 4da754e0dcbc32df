// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/drop_watch.hxx"

#include "unit/queue/fake_environment.hxx"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>

using namespace std::chrono_literals;

namespace {

TEST(DropWatch, TellsWhatIsThereAndWhatComes) {
  FakeEnvironment world;
  world.settings.settings.queue.reserve = {0, 0};
  asio::io_context context(1);
  std::size_t taken = 0;
  const spool::DropDirectory drops(world.directory.Open("."));
  queue::Intake intake(world.Get(), drops, world.queue,
                       {.add = [&](auto envelopes) { taken += envelopes.size(); },
                        .resume = [](auto) {},
                        .knows = [](const auto&) { return false; },
                        .share_of = [](uid_t uid) { return uid; },
                        .usage_of = [](uid_t) { return queue::Usage(); }});
  runner::DropWatch watch(context, drops, intake);
  const auto drop = [&](long long number) {
    const auto envelope = MakeTestEnvelope(number);
    world.directory.Write("drop/" + envelope.id.ToString(), MakeDropText(envelope, "text\n"));
  };
  const auto run = [&] {
    while (context.run_one_for(50ms) > 0) continue;
    world.clock.RunPosted();
  };
  drop(1);
  watch.Start();
  run();
  EXPECT_EQ(taken, 1u);
  drop(2);
  drop(3);
  run();
  EXPECT_EQ(taken, 3u);
}

}  // namespace
