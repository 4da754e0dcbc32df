// SPDX-License-Identifier: BSD-2-Clause
//
// A submission on a disk that forgets: stopped at every call, with and without a power failure then, and with
// calls that fail. What was acknowledged is taken in whole, and of the rest nothing or all of it.

#include "submit/handover.hxx"
#include "submit/refusal.hxx"
#include "unit/spool/simulated_spool.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

namespace {

using Rule = SimulatedDisk::Rule;
using Call = SimulatedProcess::Call;
using Fault = SimulatedProcess::Fault;

constexpr unsigned kSeeds = 4;  // of each place to stop
const std::string kLines = std::string(70, 'b') + "\n" + std::string(70, 'c') + "\n";

/// A sender and the spool that they write to.
struct Submission {
  Submission(Rule rule, unsigned seed) : spool(rule, seed) {
    site.disk = &sender;
    site.drop_directory = SimulatedSpool::kDrop;
    site.submit_socket = "/nonexistent/submit";
    site.patience = {};
    site.make_id = [this] { return MakeTestEnvelope(++ids).id; };
  }

  /// @return whether it was acknowledged
  bool Submit() {
    try {
      submit::Handover handover(site, [](mail::QueueId id) {
        auto envelope = MakeTestEnvelope(1);
        envelope.id = id;
        return submit::Front{envelope.ToText(), "Subject: x\n\n"};
      });
      for (int i = 0; i < 20; ++i) handover.Write(kLines);
      static_cast<void>(handover.Commit());
      return !sender.IsStopped();
    } catch (const submit::Refusal&) {
      return false;
    }
  }

  /// The next start of the runner takes in what is there.
  /// @return how many messages
  std::size_t TakeIn() {
    SimulatedRunner runner(spool);
    runner.TakeIn();
    EXPECT_THAT(spool.disk.Names("/spool/corrupt"), testing::IsEmpty());
    const auto contents = LoadAll(runner.queue);
    EXPECT_THAT(contents.unreadable, testing::IsEmpty());
    for (const auto& envelope : contents.envelopes) {
      EXPECT_EQ(envelope.submitter, SimulatedSpool::kSubmitter);
      EXPECT_EQ(runner.queue.ReadMessage(envelope.id, 1 << 20).size(), 12 + 20 * kLines.size());
    }
    return contents.envelopes.size();
  }

  SimulatedSpool spool;
  SimulatedProcess sender{spool.disk, SimulatedSpool::kSubmitter, SimulatedSpool::kSubmitter};
  submit::Site site{};
  int ids = 0;
};

/// How often what was acknowledged is missing.
/// @param has_unnamed_files false: O_TMPFILE is refused
unsigned CountLost(Rule rule, bool has_unnamed_files) {
  unsigned lost = 0;
  for (unsigned stop = 1;; ++stop) {
    bool has_ended = false;
    for (unsigned seed = 0; seed < kSeeds; ++seed) {
      SCOPED_TRACE("stopped at call " + std::to_string(stop) + ", seed " + std::to_string(seed));
      Submission submission(rule, seed);
      if (!has_unnamed_files) submission.sender.FailAt({.call = Call::OpenAt, .error = EOPNOTSUPP});
      submission.sender.StopAt(stop);
      const bool is_acknowledged = submission.Submit();
      has_ended = !submission.sender.IsStopped();
      EXPECT_TRUE(is_acknowledged || !has_ended);
      if (seed > 0) submission.spool.disk.CutPower();  // else the sender alone was killed
      const auto taken = submission.TakeIn();
      EXPECT_LE(taken, 1U);
      if (is_acknowledged && taken == 0) ++lost;
    }
    if (!has_ended) continue;
    EXPECT_GT(stop, 20U);
    return lost;
  }
}

TEST(SubmitPower, WhatIsAcknowledgedIsThere) {
  for (const auto rule : kRulesOfDrops)
    for (const bool has_unnamed_files : {true, false}) EXPECT_EQ(CountLost(rule, has_unnamed_files), 0U);
}

TEST(SubmitPower, TakesAnotherNameWhereItsOwnIsTaken) {
  Submission submission(Rule::Journal, 1);
  submission.spool.PutDrop(MakeTestEnvelope(1).id.ToString(), "of somebody else");
  EXPECT_TRUE(submission.Submit());
  EXPECT_THAT(submission.spool.disk.Names(SimulatedSpool::kDrop),
              testing::ElementsAre(MakeTestEnvelope(1).id.ToString(), MakeTestEnvelope(2).id.ToString()));
}

// drop/ itself can't be synced by those who may only write there.
TEST(SubmitPower, NeedsADiskWhereFsyncKeepsTheNameOfAFile) {
  unsigned lost = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    Submission submission(Rule::Posix, seed);
    EXPECT_TRUE(submission.Submit());
    submission.spool.disk.CutPower();
    if (submission.spool.disk.Names(SimulatedSpool::kDrop).empty()) ++lost;
  }
  EXPECT_GT(lost, 0U);
}

TEST(SubmitPower, WhatIsRefusedIsNotThereOrTwiceAtWorst) {
  for (const int error : {EIO, ENOSPC, EINTR, Fault::kShort}) {
    for (const auto repeat : {Fault::Repeat::Once, Fault::Repeat::EveryThird, Fault::Repeat::Always}) {
      if (error == EINTR && repeat == Fault::Repeat::Always) continue;
      for (unsigned first = 1; first <= 35; ++first) {
        SCOPED_TRACE("call " + std::to_string(first) + ", error " + std::to_string(error) + ", repeat " +
                     std::to_string(static_cast<int>(repeat)));
        Submission submission(Rule::Journal, first);
        submission.sender.FailAt({.first = first, .repeat = repeat, .error = error});
        const bool is_acknowledged = submission.Submit();
        submission.spool.disk.CutPower();
        const auto taken = submission.TakeIn();
        // A name that could not be removed again stays.
        const std::size_t most = is_acknowledged || repeat != Fault::Repeat::Once ? 1 : 0;
        EXPECT_LE(taken, most);
        EXPECT_GE(taken, is_acknowledged ? 1U : 0U);
      }
    }
  }
}

}  // namespace
