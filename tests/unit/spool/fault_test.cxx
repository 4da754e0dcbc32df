// SPDX-License-Identifier: BSD-2-Clause
//
// Each call of the spool fails, once or again and again. A call that fails says nothing about a message: when
// the fault is over, each of them is taken in once, whole.

#include "unit/spool/simulated_spool.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

namespace {

using Call = SimulatedProcess::Call;
using Fault = SimulatedProcess::Fault;
using Repeat = Fault::Repeat;
using testing::IsEmpty;

const std::string kText = "Subject: x\n\nbody\n";

constexpr Repeat kRepeats[] = {Repeat::Once, Repeat::EveryThird, Repeat::Always};

std::string Describe(const Fault& fault) {
  return (fault.call ? "call " + std::to_string(static_cast<int>(*fault.call)) : "any call") + ", from " +
         std::to_string(fault.first) + ", error " + std::to_string(fault.error) + ", repeat " +
         std::to_string(static_cast<int>(fault.repeat));
}

// Not an error if it fails: what it leaves is what the tests look at.
template <typename Step>
bool Succeeds(const Step& step) {
  try {
    step();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

/// What a start finds.
std::vector<mail::Envelope> LoadSound(SimulatedSpool& spool) {
  SimulatedRunner runner(spool);
  auto contents = LoadAll(runner.queue);
  EXPECT_THAT(contents.unreadable, IsEmpty());
  EXPECT_EQ(spool.disk.Names("/spool/queue").size(), 2 * contents.envelopes.size());
  for (const auto& envelope : contents.envelopes)
    EXPECT_EQ(runner.queue.ReadMessage(envelope.id, 100), kText);
  return contents.envelopes;
}

/// @return whether it succeeded at once
bool TakeInWith(const Fault& fault) {
  SCOPED_TRACE(Describe(fault));
  SimulatedSpool spool(SimulatedDisk::Rule::Journal, 1);
  const auto envelope = MakeTestEnvelope(1);
  spool.PutDrop(envelope.id.ToString(), MakeDropText(envelope, kText));
  SimulatedRunner runner(spool);
  runner.process.FailAt(fault);
  const bool is_taken = Succeeds([&] { runner.TakeIn(); });
  runner.process.ClearFaults();
  runner.TakeIn();
  EXPECT_THAT(spool.disk.Names(SimulatedSpool::kDrop), IsEmpty());
  EXPECT_THAT(spool.disk.Names("/spool/corrupt"), IsEmpty());
  spool.disk.CutPower();
  EXPECT_EQ(LoadSound(spool).size(), 1U);
  return is_taken;
}

unsigned CountCallsOfTakingIn() {
  SimulatedSpool spool(SimulatedDisk::Rule::Journal, 1);
  const auto envelope = MakeTestEnvelope(1);
  spool.PutDrop(envelope.id.ToString(), MakeDropText(envelope, kText));
  SimulatedRunner runner(spool);
  const auto before = runner.process.Calls();
  runner.TakeIn();
  return runner.process.Calls() - before;
}

TEST(SpoolFaults, ACallThatFailsLosesNoDrop) {
  const auto calls = CountCallsOfTakingIn();
  EXPECT_GT(calls, 20U);
  for (const int error : {EIO, ENOSPC, EMFILE, EINTR})
    for (const auto repeat : kRepeats)
      for (unsigned first = 1; first <= calls; ++first) {
        // What is interrupted for ever never ends.
        if (error == EINTR && repeat == Repeat::Always) continue;
        static_cast<void>(TakeInWith({.first = first, .repeat = repeat, .error = error}));
      }
}

TEST(SpoolFaults, ACallThatDoesLessIsContinued) {
  for (const auto call : {Call::PRead, Call::Write, Call::CopyFileRange})
    for (unsigned first = 1; first <= 4; ++first)
      for (const auto repeat : kRepeats)
        EXPECT_TRUE(TakeInWith({.call = call, .first = first, .repeat = repeat, .error = Fault::kShort}));
}

TEST(SpoolFaults, ACallThatSaysNothingIsLeftLosesNoDrop) {
  for (const auto call : {Call::PRead, Call::Write, Call::CopyFileRange, Call::GetDents})
    for (unsigned first = 1; first <= 4; ++first) {
      const bool is_taken = TakeInWith({.call = call, .first = first, .error = 0});
      EXPECT_TRUE(is_taken || call == Call::PRead);
    }
}

TEST(SpoolFaults, AnEnvelopeThatCannotBeReadNowIsNotDamaged) {
  std::vector<Fault> faults = {{.call = Call::Read, .error = 0},
                               {.call = Call::Read, .error = Fault::kShort}};
  for (unsigned first = 1; first <= 8; ++first)
    for (const int error : {EIO, EMFILE, EACCES, EINTR, ESTALE})
      faults.push_back({.first = first, .error = error});
  SimulatedSpool spool(SimulatedDisk::Rule::Journal, 1);
  SimulatedRunner runner(spool);
  spool::QueueBatch batch(runner.queue);
  batch.Add(MakeTestEnvelope(1), kText);
  static_cast<void>(batch.Commit());
  for (const auto& fault : faults) {
    SCOPED_TRACE(Describe(fault));
    runner.process.FailAt(fault);
    const auto reading = runner.queue.Read(MakeTestEnvelope(1).id);
    runner.process.ClearFaults();
    const auto* const unreadable = std::get_if<spool::Unreadable>(&reading);
    EXPECT_FALSE(std::holds_alternative<std::monostate>(reading));
    EXPECT_TRUE(!unreadable || unreadable->kind == spool::Unreadable::Kind::Failing) << unreadable->why;
  }
}

TEST(SpoolFaults, AnUpdateThatFailsKeepsTheOldEnvelopeOrTheNew) {
  using Durability = spool::Queue::Durability;
  for (const auto durability : {Durability::Now, Durability::Later})
    for (const auto repeat : kRepeats)
      for (unsigned first = 1; first <= 10; ++first) {
        const Fault fault{.first = first, .repeat = repeat, .error = EIO};
        SCOPED_TRACE(Describe(fault));
        SimulatedSpool spool(SimulatedDisk::Rule::Journal, first);
        auto envelope = MakeTestEnvelope(1);
        {
          SimulatedRunner runner(spool);
          spool::QueueBatch batch(runner.queue);
          batch.Add(envelope, kText);
          envelope = batch.Commit().at(0);
          envelope.attempts = 1;
          runner.process.FailAt(fault);
          static_cast<void>(Succeeds([&] { runner.queue.Update(envelope, durability); }));
          runner.process.ClearFaults();
          envelope.attempts = 2;
          runner.queue.Update(envelope, durability);
          EXPECT_EQ(LoadAll(runner.queue).envelopes.at(0).attempts, 2U);
        }
        spool.disk.CutPower();
        const auto envelopes = LoadSound(spool);
        ASSERT_EQ(envelopes.size(), 1U);
        if (durability == Durability::Now) {
          EXPECT_EQ(envelopes[0].attempts, 2U);
        }
      }
}

TEST(SpoolFaults, ARemovalThatFailsLeavesTheWholeMessageOrNothing) {
  for (const auto repeat : kRepeats)
    for (unsigned first = 1; first <= 3; ++first) {
      const Fault fault{.first = first, .repeat = repeat, .error = EIO};
      SCOPED_TRACE(Describe(fault));
      SimulatedSpool spool(SimulatedDisk::Rule::Journal, first);
      SimulatedRunner runner(spool);
      spool::QueueBatch batch(runner.queue);
      batch.Add(MakeTestEnvelope(1), kText);
      static_cast<void>(batch.Commit());
      runner.process.FailAt(fault);
      static_cast<void>(Succeeds([&] { runner.queue.Remove(MakeTestEnvelope(1).id); }));
      runner.process.ClearFaults();
      EXPECT_LE(LoadSound(spool).size(), 1U);
    }
}

// The figures of a disk that can't be asked are not made up.
TEST(SpoolFaults, RoomThatCannotBeFoundOutIsAnError) {
  SimulatedSpool spool(SimulatedDisk::Rule::Journal, 1);
  spool.disk.SetRoom({1000, 500, 20, 10});
  SimulatedRunner runner(spool);
  const auto room = runner.queue.Room();
  EXPECT_EQ(room.octets, 1000U);
  EXPECT_EQ(room.free_octets, 500U);
  EXPECT_EQ(room.inodes, 20U);
  EXPECT_EQ(room.free_inodes, 10U);
  runner.process.FailAt({.call = Call::FStatVfs, .error = EIO});
  EXPECT_THROW(static_cast<void>(runner.queue.Room()), std::system_error);
}

}  // namespace
