// SPDX-License-Identifier: BSD-2-Clause
#include "queue/queue_loader.hxx"

#include "base/error.hxx"
#include "unit/queue/fake_environment.hxx"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

using namespace std::chrono_literals;

namespace {

struct Loading {
  FakeEnvironment world;
  SpoolDirectory& directory = world.directory;
  spool::Queue& queue = world.queue;
  std::vector<mail::QueueId> resumed;
  std::vector<mail::Envelope> added;
  unsigned ends = 0;
  queue::QueueLoader loader{world.Get(),
                            {.resume =
                                 [this](auto envelopes) {
                                   for (const auto& envelope : envelopes) resumed.push_back(envelope.id);
                                 },
                             .add =
                                 [this](auto envelopes) {
                                   for (auto& envelope : envelopes) added.push_back(std::move(envelope));
                                 },
                             .knows =
                                 [this](const auto& id) {
                                   return std::ranges::count(resumed, id) > 0 ||
                                          std::ranges::count(added, id, &mail::Envelope::id) > 0;
                                 }},
                            [this] { ++ends; }};

  mail::QueueId Put(long long number, const std::string& sender = "alice@example.org") {
    auto envelope = MakeTestEnvelope(number);
    envelope.sender = sender;
    spool::QueueBatch batch(queue);
    batch.Add(envelope, "text\n");
    return batch.Commit().at(0).id;
  }
  void Damage(const mail::QueueId& id, const std::string& text = "rubbish") {
    directory.Write("queue/" + id.ToString() + ".envelope", text);
  }
  void Load() {
    loader.Start();
    world.clock.RunPosted();
  }
};

TEST(QueueLoader, BringsIntoMemoryWhatIsNotThere) {
  Loading l;
  const auto first = l.Put(1);
  l.Load();
  EXPECT_EQ(l.resumed, std::vector{first});
  const auto second = l.Put(2);
  l.Load();
  EXPECT_EQ(l.resumed, (std::vector{first, second}));
  EXPECT_TRUE(l.loader.IsIdle());
}

// They must not leave before what they report on is known.
TEST(QueueLoader, GivesNotificationsLast) {
  Loading l;
  std::set<mail::QueueId> notices;
  for (int i = 0; i < 50; ++i) {
    notices.insert(l.Put(2 * i, ""));
    l.Put(2 * i + 1);
  }
  l.Load();
  ASSERT_EQ(l.resumed.size(), 100U);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(notices.contains(l.resumed[i]), i >= 50) << i;
}

TEST(QueueLoader, TellsRootOnceOfWhatIsDamaged) {
  Loading l;
  const auto good = l.Put(1);
  const auto bad = l.Put(2);
  l.Damage(bad);
  for (int i = 0; i < 3; ++i) {
    l.Load();
    EXPECT_EQ(l.resumed, std::vector{good});
    ASSERT_EQ(l.added.size(), 1U);
  }
  EXPECT_EQ(l.added[0].recipients.at(0).address, "root");
  EXPECT_NE(l.directory.Read("queue/" + l.added[0].id.ToString() + ".message")
                .find(bad.ToString() + ": its envelope"),
            std::string::npos);
  EXPECT_FALSE(l.loader.IsIdle());
  ASSERT_EQ(l.loader.List().size(), 1U);
  EXPECT_EQ(l.loader.List()[0].first, bad);
  EXPECT_EQ(l.loader.List()[0].second.kind, spool::Unreadable::Kind::Damaged);
  EXPECT_EQ(l.loader.Warnings().size(), 1U);
  auto envelope = MakeTestEnvelope(2);
  envelope.message_size = 5;
  l.Damage(bad, envelope.ToText());
  l.Load();
  EXPECT_EQ(l.resumed, (std::vector{good, bad}));
  EXPECT_TRUE(l.loader.IsIdle());
  EXPECT_EQ(l.added.size(), 1U);
}

TEST(QueueLoader, LeavesWhatIsNewerToANewerVersion) {
  Loading l;
  const auto newer = l.Put(1);
  l.Damage(newer, "mailqueue-envelope: 2\nid: x\n");
  l.Load();
  EXPECT_TRUE(l.added.empty());
  ASSERT_EQ(l.loader.List().size(), 1U);
  EXPECT_EQ(l.loader.List()[0].second.kind, spool::Unreadable::Kind::Newer);
}

// A name of ours that can't be cleared away.
TEST(QueueLoader, PassesByWhatItCanNotClearAway) {
  Loading l;
  for (int i = 10; i < 15; ++i)
    std::filesystem::create_directories(
        l.directory.Path("queue/." + MakeTestEnvelope(i).id.ToString() + ".envelope.new") / "x");
  for (int i = 1; i < 5; ++i) static_cast<void>(l.Put(i));
  l.loader.Start();
  l.world.clock.RunPosted();
  EXPECT_EQ(l.resumed.size(), 4U);
  EXPECT_FALSE(l.loader.IsIdle());
}

TEST(QueueLoader, ForgetsWhatHasGone) {
  Loading l;
  const auto bad = l.Put(1);
  l.Damage(bad);
  l.Load();
  EXPECT_EQ(l.loader.Size(), 1U);
  l.queue.Remove(bad);
  l.Load();
  EXPECT_EQ(l.loader.Size(), 0U);
}

// A call that fails says nothing about the message.
TEST(QueueLoader, LooksAgainSoonAtWhatCanNotBeReadNow) {
  Loading l;
  const auto id = l.Put(1);
  l.world.store.fails_to_read = true;
  l.Load();
  EXPECT_TRUE(l.resumed.empty());
  EXPECT_TRUE(l.loader.Has(id));
  EXPECT_TRUE(l.added.empty());
  l.world.store.fails_to_read = false;
  l.world.clock.Advance(9s);
  EXPECT_TRUE(l.resumed.empty());
  l.world.clock.Advance(1s);
  EXPECT_EQ(l.resumed, std::vector{id});
  EXPECT_TRUE(l.loader.IsIdle());
}

TEST(QueueLoader, TellsRootOfWhatCanNotBeReadForLong) {
  Loading l;
  static_cast<void>(l.Put(1));
  l.world.store.fails_to_read = true;
  l.Load();
  l.world.clock.Advance(10s + 20s);
  EXPECT_TRUE(l.added.empty());
  l.world.clock.Advance(40s);
  EXPECT_EQ(l.added.size(), 1u);
}

TEST(QueueLoader, LooksAgainEveryHourAtWhatIsDamaged) {
  Loading l;
  const auto id = l.Put(1);
  l.Damage(id);
  l.Load();
  auto envelope = MakeTestEnvelope(1);
  envelope.message_size = 5;
  l.Damage(id, envelope.ToText());
  l.world.clock.Advance(1h);
  EXPECT_EQ(l.resumed, std::vector{id});
}

TEST(QueueLoader, TriesAgainWhenTheQueueCanNotBeRead) {
  Loading l;
  const auto id = l.Put(1);
  l.world.store.on_call = [](FakeStore::Call call, const auto&) {
    if (call == FakeStore::Call::Scan) throw MakeErrno(EMFILE, "Failed to open the queue");
  };
  l.loader.Start();
  l.world.clock.RunPosted();
  EXPECT_FALSE(l.loader.IsIdle());
  EXPECT_EQ(l.ends, 0u);
  l.world.store.on_call = [](FakeStore::Call, const auto&) {};
  l.world.clock.Advance(10s);
  EXPECT_EQ(l.resumed, std::vector{id});
  EXPECT_EQ(l.ends, 1u);
}

TEST(QueueLoader, TellsRootLaterWhatItCouldNotTell) {
  Loading l;
  l.Damage(l.Put(1));
  l.world.store.on_call = [](FakeStore::Call call, const auto&) {
    if (call == FakeStore::Call::Add) throw MakeErrno(ENOSPC, "Failed to write it");
  };
  l.Load();
  EXPECT_TRUE(l.added.empty());
  EXPECT_EQ(l.world.log.Count("Failed to report damaged messages: "), 1u);
  l.world.store.on_call = [](FakeStore::Call call, const auto&) {
    if (call == FakeStore::Call::SetReported) throw MakeErrno(ENOSPC, "Failed to write it");
  };
  l.world.clock.Advance(1h);
  EXPECT_EQ(l.added.size(), 1u);
  EXPECT_EQ(l.world.log.Count("root may be told once more"), 1u);
}

// Others' work goes on meanwhile, and a second look is not lost.
TEST(QueueLoader, ReadsALongQueueInSlices) {
  Loading l;
  l.world.clock.tick = 2ms;
  for (int i = 0; i < 20; ++i) static_cast<void>(l.Put(i, i % 2 ? "" : "alice@example.org"));
  l.loader.Start();
  EXPECT_TRUE(l.world.clock.RunOne());
  EXPECT_LT(l.resumed.size(), 5u);
  l.loader.Start();
  l.world.clock.RunPosted();
  EXPECT_EQ(l.resumed.size(), 20u);
  EXPECT_EQ(l.ends, 1u);
}

TEST(QueueLoader, WarnsOfSomeMessagesThatCanNotBeRead) {
  Loading l;
  for (int i = 0; i < 25; ++i) l.Damage(l.Put(i));
  l.Load();
  const auto warnings = l.loader.Warnings();
  ASSERT_EQ(warnings.size(), 21u);
  EXPECT_EQ(warnings[20], "and 5 more messages can't be read");
}

}  // namespace
