// SPDX-License-Identifier: BSD-2-Clause
//
// The state table of ARCHITECTURE.md: each step that moves a message on is killed at every system call, and
// what the next start finds must be the message, once and whole.

#include "spool/drop_directory.hxx"
#include "spool/queue.hxx"
#include "unit/killed_at.hxx"
#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

namespace {

const std::string kMessage = "Subject: x\n\nbody\n";

// The runner's order of doing it: into the queue, and only then out of drop/.
void TakeIn(const SpoolDirectory& directory) {
  const spool::DropDirectory drops(directory.Open("."));
  const spool::Queue queue(directory.Open("queue"));
  auto names = drops.List();
  while (const auto name = names.Next()) {
    auto drop = std::get<spool::Drop>(drops.Open(*name, kTestTime));
    if (!queue.Contains(drop.envelope.id)) {
      spool::QueueBatch batch(queue);
      batch.Add(std::move(drop.envelope), std::move(drop.file), drop.message_offset);
      static_cast<void>(batch.Commit());
    }
    drops.Remove(*name);
  }
}

std::vector<mail::Envelope> LoadQueue(const SpoolDirectory& directory) {
  auto contents = LoadAll(spool::Queue(directory.Open("queue")));
  EXPECT_TRUE(contents.unreadable.empty());
  EXPECT_EQ(directory.Count("queue"), 2 * contents.envelopes.size());
  return contents.envelopes;
}

std::string MessageOf(const SpoolDirectory& directory, const mail::Envelope& envelope) {
  return directory.Read("queue/" + envelope.id.ToString() + ".message");
}

TEST(SpoolCrash, TakingInKeepsTheMessageOnceAndWhole) {
  const auto places = ForEachPlaceToDie([](unsigned stop) {
    const SpoolDirectory directory;
    const auto envelope = MakeTestEnvelope(1);
    directory.Write("drop/" + envelope.id.ToString(), MakeDropText(envelope, kMessage));
    const bool ended = EndsBeforeKilledAt(stop, [&] { TakeIn(directory); });
    LoadQueue(directory);  // what a start does first
    TakeIn(directory);
    const auto envelopes = LoadQueue(directory);
    EXPECT_EQ(envelopes.size(), 1u) << "killed at " << stop;
    for (const auto& taken : envelopes)
      EXPECT_EQ(MessageOf(directory, taken), kMessage) << "killed at " << stop;
    EXPECT_EQ(directory.Count("drop"), 0u) << "killed at " << stop;
    return ended;
  });
  EXPECT_GT(places, 20u);
}

struct StoredMessage {
  SpoolDirectory directory;
  spool::Queue queue{directory.Open("queue")};
  mail::Envelope envelope = MakeTestEnvelope(1);
  StoredMessage() {
    spool::QueueBatch batch(queue);
    batch.Add(envelope, kMessage);
    envelope = batch.Commit().at(0);
  }
};

TEST(SpoolCrash, UpdatingKeepsTheOldEnvelopeOrTheNew) {
  for (const auto durability : {spool::Queue::Durability::Now, spool::Queue::Durability::Later}) {
    const auto places = ForEachPlaceToDie([durability](unsigned stop) {
      const StoredMessage stored;
      auto changed = stored.envelope;
      changed.attempts = 1;
      const bool ended = EndsBeforeKilledAt(stop, [&] { stored.queue.Update(changed, durability); });
      const auto envelopes = LoadQueue(stored.directory);
      EXPECT_EQ(envelopes.size(), 1u) << "killed at " << stop;
      EXPECT_EQ(envelopes.at(0).attempts, ended ? 1u : envelopes.at(0).attempts & 1u);
      EXPECT_EQ(MessageOf(stored.directory, stored.envelope), kMessage) << "killed at " << stop;
      return ended;
    });
    EXPECT_GT(places, 5u);
  }
}

TEST(SpoolCrash, RemovingLeavesTheWholeMessageOrNothing) {
  const auto places = ForEachPlaceToDie([](unsigned stop) {
    const StoredMessage stored;
    const bool ended = EndsBeforeKilledAt(stop, [&] { stored.queue.Remove(stored.envelope.id); });
    const auto envelopes = LoadQueue(stored.directory);
    EXPECT_LE(envelopes.size(), ended ? 0u : 1u) << "killed at " << stop;
    for (const auto& left : envelopes)
      EXPECT_EQ(MessageOf(stored.directory, left), kMessage) << "killed at " << stop;
    return ended;
  });
  EXPECT_GE(places, 3u);
}

}  // namespace
