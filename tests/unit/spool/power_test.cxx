// SPDX-License-Identifier: BSD-2-Clause
//
// The state table of ARCHITECTURE.md on a disk that forgets: each step is stopped at every call, and then the
// process is gone, or the power. Whatever the disk keeps, the next start must find what was acknowledged,
// whole, and clear away the rest.

#include "spool/drop_stream.hxx"
#include "unit/spool/simulated_spool.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace {

constexpr unsigned kSeeds = 4;  // of each place to stop
const std::string kBody = "Subject: x\n\n" + std::string(3000, 'b') + "\n";

/// Where a run was ended, for a failure.
std::string Where(SimulatedDisk::Rule rule, unsigned stop, unsigned seed) {
  return "rule " + std::to_string(static_cast<int>(rule)) + ", stopped at call " + std::to_string(stop) +
         ", seed " + std::to_string(seed);
}

/// What the queue has after a start: its messages, each whole.
std::vector<mail::Envelope> LoadQueue(SimulatedSpool& spool) {
  SimulatedRunner runner(spool);
  const auto contents = LoadAll(runner.queue);
  for (const auto& [id, what] : contents.unreadable)
    ADD_FAILURE() << id.View() << ": " << what.why << " of "
                  << testing::PrintToString(spool.disk.Names("/spool/queue"));
  for (const auto& envelope : contents.envelopes)
    EXPECT_EQ(ReadAll(runner.process, runner.queue.OpenMessage(envelope.id), kBody.size()), kBody);
  EXPECT_EQ(spool.disk.Names("/spool/queue").size(), 2 * contents.envelopes.size())
      << testing::PrintToString(spool.disk.Names("/spool/queue"));
  return contents.envelopes;
}

/// What the first start does with the queue. A disk that keeps no order may keep a part of what was not
/// synced, so that root is told of damage.
void StartOnce(SimulatedSpool& spool, SimulatedDisk::Rule rule) {
  const auto contents = LoadAll(SimulatedRunner(spool).queue);
  EXPECT_TRUE(contents.unreadable.empty() || rule != SimulatedDisk::Rule::Journal);
}

void TakeInAll(SimulatedSpool& spool) {
  SimulatedRunner(spool).TakeIn();
  EXPECT_THAT(spool.disk.Names(SimulatedSpool::kDrop), testing::IsEmpty());
}

/// Runs @p step of a runner on the spool that @p prepare has made, stopped at each of its calls or not at
/// all, with and without a power failure then, and then @p check.
/// @return how many calls the whole step makes
template <typename Prepare, typename Step, typename Check>
unsigned StopEverywhere(SimulatedDisk::Rule rule, const Prepare& prepare, const Step& step,
                        const Check& check) {
  for (unsigned stop = 1;; ++stop) {
    bool has_ended = false;
    for (unsigned seed = 0; seed < kSeeds; ++seed) {
      SCOPED_TRACE(Where(rule, stop, seed));
      SimulatedSpool spool(rule, seed);
      prepare(spool);
      {
        SimulatedRunner runner(spool);
        runner.process.StopAt(stop);
        try {
          step(runner);
        } catch (const std::system_error& e) {
          EXPECT_TRUE(runner.process.IsStopped()) << e.what();
        }
        has_ended = !runner.process.IsStopped();
        if (seed > 0) spool.disk.CutPower();  // else the process alone was killed
      }
      check(spool, has_ended);
      if (testing::Test::HasFailure()) return stop;
    }
    if (has_ended) return stop - 1;
  }
}

void PutDrops(SimulatedSpool& spool) {
  for (const int number : {1, 2}) {
    const auto envelope = MakeTestEnvelope(number);
    spool.PutDrop(envelope.id.ToString(), MakeDropText(envelope, kBody));
  }
}

TEST(SpoolPower, TakingInKeepsEachMessageOnceAndWhole) {
  for (const auto rule : kRulesOfDrops) {
    const auto step = [](SimulatedRunner& runner) { runner.TakeIn(); };
    const auto check = [rule](SimulatedSpool& spool, bool) {
      StartOnce(spool, rule);
      TakeInAll(spool);
      EXPECT_EQ(LoadQueue(spool).size(), 2U);
    };
    EXPECT_GT(StopEverywhere(rule, PutDrops, step, check), 40U);
  }
}

// The reply over the submit socket is sent when Commit returns.
TEST(SpoolPower, WhatWasCommittedFromTheSocketIsThere) {
  for (const auto rule : kEveryRule) {
    const auto step = [](SimulatedRunner& runner) {
      const auto text = MakeDropText(MakeTestEnvelope(1), kBody);
      spool::DropStream stream(runner.queue);
      stream.Add(spool::UnfinishedHead() + text.substr(spool::kDropHeadSize));
      stream.Add(text.substr(0, spool::kDropHeadSize));
      auto drop = std::get<spool::Drop>(stream.Finish(SimulatedSpool::kSubmitter, kTestTime));
      spool::QueueBatch batch(runner.queue);
      batch.Add(std::move(drop.envelope), std::move(drop.file), drop.message_offset);
      EXPECT_EQ(batch.Commit().size(), 1U);
    };
    const auto check = [rule](SimulatedSpool& spool, bool is_acknowledged) {
      StartOnce(spool, rule);
      if (is_acknowledged) {
        EXPECT_EQ(LoadQueue(spool).size(), 1U);
      }
    };
    const auto prepare = [](SimulatedSpool&) {};
    EXPECT_GT(StopEverywhere(rule, prepare, step, check), 15U);
  }
}

void PutMessage(SimulatedSpool& spool) {
  SimulatedRunner runner(spool);
  spool::QueueBatch batch(runner.queue);
  batch.Add(MakeTestEnvelope(1), kBody);
  static_cast<void>(batch.Commit());
  spool.disk.WriteBack();
}

TEST(SpoolPower, UpdatingKeepsTheOldEnvelopeOrTheNew) {
  using Durability = spool::Queue::Durability;
  for (const auto rule : kEveryRule) {
    for (const auto durability : {Durability::Now, Durability::Later}) {
      const auto step = [durability](SimulatedRunner& runner) {
        auto envelope = LoadAll(runner.queue).envelopes.at(0);
        envelope.attempts = 1;
        runner.queue.Update(envelope, durability);
      };
      const auto check = [durability](SimulatedSpool& spool, bool has_ended) {
        const auto envelopes = LoadQueue(spool);
        ASSERT_EQ(envelopes.size(), 1U);
        if (has_ended && durability == Durability::Now) {
          EXPECT_EQ(envelopes[0].attempts, 1U);
        }
        EXPECT_LE(envelopes[0].attempts, 1U);
      };
      EXPECT_GT(StopEverywhere(rule, PutMessage, step, check), 8U);
    }
  }
}

TEST(SpoolPower, RemovingLeavesTheWholeMessageOrNothing) {
  for (const auto rule : kEveryRule) {
    const auto step = [](SimulatedRunner& runner) { runner.queue.Remove(MakeTestEnvelope(1).id); };
    const auto check = [rule](SimulatedSpool& spool, bool) {
      StartOnce(spool, rule);
      if (rule == SimulatedDisk::Rule::Journal) {
        EXPECT_LE(LoadQueue(spool).size(), 1U);
      }
    };
    EXPECT_GE(StopEverywhere(rule, PutMessage, step, check), 3U);
  }
}

}  // namespace
