// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/queue_loader.hxx"

#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

#include <set>

using namespace std::chrono_literals;

namespace {

struct Loading {
  SpoolDirectory directory;
  asio::io_context context{1};
  spool::Queue queue{directory.Open("queue")};
  runner::SettingsWatch settings{"/nonexistent"};
  std::vector<mail::QueueId> resumed;
  std::vector<mail::Envelope> added;
  unsigned ends = 0;
  runner::QueueLoader loader{context,
                             queue,
                             settings,
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
    const auto before = ends;
    context.restart();
    loader.Start();
    while (ends == before && context.run_one_for(10s) > 0) continue;
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
  EXPECT_EQ(l.loader.List()[0].state, "damaged");
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
  EXPECT_EQ(l.loader.List()[0].state, "newer");
}

// A name of ours that can't be cleared away.
TEST(QueueLoader, PassesByWhatItCanNotClearAway) {
  Loading l;
  for (int i = 10; i < 15; ++i)
    std::filesystem::create_directories(
        l.directory.Path("queue/." + MakeTestEnvelope(i).id.ToString() + ".envelope.new") / "x");
  for (int i = 1; i < 5; ++i) static_cast<void>(l.Put(i));
  l.loader.Start();
  while (l.resumed.size() < 4 && l.context.run_one_for(1s) > 0) continue;
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

}  // namespace
