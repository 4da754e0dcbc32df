// SPDX-License-Identifier: BSD-2-Clause
#include "queue/scheduler.hxx"

#include "base/error.hxx"
#include "unit/queue/fake_environment.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

using namespace std::chrono_literals;

namespace {

using Call = FakeStore::Call;

struct SchedulerTest : testing::Test {
  FakeEnvironment world;
  queue::Scheduler scheduler{world.Get(), [] {}};
  unsigned unreadable = 0;

  SchedulerTest() {
    scheduler.SetOnUnreadable([this] { ++unreadable; });
    world.router.ends["nobody"] = {MakeEnd(mail::Failed("5.1.1", "no such user"), "nobody")};
  }

  // Its recipients are on disk only.
  mail::Envelope PutWithManyRecipients() {
    auto envelope = world.MakeEnvelope(std::vector<std::string>(100, "bob"));
    envelope.next_attempt = world.clock.Now() + 1h;
    return world.Put(envelope);
  }

  const queue::Entry* FindNotification() const {
    for (const auto& [id, entry] : scheduler.Entries())
      if (entry.envelope.sender.empty()) return &entry;
    return nullptr;
  }
};

TEST_F(SchedulerTest, KeepsAHeldMessageUntilRootHasItTried) {
  auto envelope = MakeTestEnvelope(1);
  envelope.created = world.clock.Now();
  envelope.sender.clear();
  envelope.held = "nobody has it";
  envelope.submitter = 1000;
  envelope.recipients.at(0).address = "nobody";
  envelope.recipients[0].result = mail::Failed("5.1.1", "no");
  static_cast<void>(world.Put(envelope));
  scheduler.Resume(LoadAll(world.queue).envelopes);
  const auto& entry = scheduler.Entries().at(envelope.id);
  EXPECT_EQ(entry.envelope.held, "nobody has it");
  EXPECT_FALSE(scheduler.HasWork());
  scheduler.OnMountChange();
  EXPECT_EQ(scheduler.Flush(1000), 0u);
  EXPECT_TRUE(scheduler.FlushMessage(envelope.id, 1000));
  world.clock.RunPosted();
  EXPECT_FALSE(scheduler.HasWork());
  EXPECT_EQ(scheduler.Flush({}), 1u);
  EXPECT_TRUE(scheduler.HasWork());
  EXPECT_FALSE(entry.envelope.recipients[0].result);
  world.clock.RunPosted();
  ASSERT_EQ(entry.envelope.recipients.size(), 2u);
  EXPECT_EQ(entry.envelope.recipients[1].address, "root");
}

// All of them in one handler would keep the event loop.
TEST_F(SchedulerTest, FlushesALongQueueInSlices) {
  constexpr unsigned kMany = 4000;
  std::vector<mail::Envelope> envelopes(kMany, MakeTestEnvelope(1));
  for (unsigned i = 0; i < kMany; ++i) {
    envelopes[i].id = mail::QueueId::Make(world.clock.Now(), i);
    envelopes[i].next_attempt = world.clock.Now() + 1h;
  }
  scheduler.Resume(std::move(envelopes));
  scheduler.Stop();  // none is tried
  const auto is_due = [](const auto& entry) { return entry.second.due == mail::Time{}; };
  const auto& entries = scheduler.Entries();
  world.clock.tick = 10us;
  EXPECT_EQ(scheduler.Flush({}), kMany);
  EXPECT_FALSE(is_due(*entries.rbegin()));
  world.clock.RunPosted();
  EXPECT_TRUE(std::ranges::all_of(entries, is_due));
}

// The bounce is committed, and the message that it reports on can't be stored.
TEST_F(SchedulerTest, HasABounceInTheScheduleOnceItIsInTheQueue) {
  // The message's second recipient waits, so that its envelope is stored when its first one has failed.
  const auto envelope = world.MakeEnvelope({"nobody", "x@example.net"});
  bool is_broken = false;
  world.store.on_call = [&](Call call, const mail::QueueId& id) {
    is_broken |= call == Call::Add;
    if (is_broken && call == Call::Update && id == envelope.id) throw MakeErrno(ENOSPC, "Failed to store it");
  };
  scheduler.Add({world.Put(envelope)});
  world.couriers.result = mail::Deferred("4.4.1", "connection refused");
  world.clock.RunPosted();
  ASSERT_NE(FindNotification(), nullptr);
  EXPECT_TRUE(FindNotification()->unannounced);
  world.clock.Advance(1h);
  EXPECT_TRUE(FindNotification()->unannounced);
  const auto is_its = [](const auto& delivery) { return delivery.order.request.envelope.sender.empty(); };
  EXPECT_EQ(std::ranges::count_if(world.couriers.deliveries, is_its), 0) << "it was tried too early";
  world.store.on_call = [](Call, const mail::QueueId&) {};
  world.clock.Advance(30s);
  EXPECT_FALSE(FindNotification()->unannounced);
  EXPECT_GT(std::ranges::count_if(world.couriers.deliveries, is_its), 0);
}

// A forward file may lead from one recipient to thousands of places, and every text may be long.
TEST_F(SchedulerTest, KeepsWhatIsLongOnDisk) {
  auto few = world.MakeEnvelope({"bob"}, 1);
  auto many_ends = world.MakeEnvelope({"bob"}, 2);
  auto long_texts = world.MakeEnvelope({"bob"}, 3);
  many_ends.recipients[0].ends.assign(1000, {"key", "address", "sender", {}, false});
  long_texts.recipients[0].original = "rfc822;" + std::string(4000, 'x');
  for (auto* envelope : {&few, &many_ends, &long_texts}) {
    envelope->next_attempt = world.clock.Now() + 1h;
    static_cast<void>(world.Put(*envelope));
  }
  scheduler.Resume(LoadAll(world.queue).envelopes);
  EXPECT_FALSE(scheduler.Entries().at(few.id).away);
  EXPECT_TRUE(scheduler.Entries().at(many_ends.id).away);
  EXPECT_TRUE(scheduler.Entries().at(long_texts.id).away);
}

TEST_F(SchedulerTest, KeepsThousandsOfRecipientsOnDiskUntilTheyAreTried) {
  auto envelope = MakeTestEnvelope(1);
  envelope.created = world.clock.Now();
  envelope.next_attempt = world.clock.Now() + 1h;
  envelope.recipients.assign(100, envelope.recipients.at(0));
  envelope.recipients[0].result = mail::Delivered("2.0.0", "there");
  envelope.recipients[1].result = mail::Deferred("4.2.1", "no home");
  static_cast<void>(world.Put(envelope));
  scheduler.Resume(LoadAll(world.queue).envelopes);
  const auto& entry = scheduler.Entries().at(envelope.id);
  EXPECT_EQ(entry.envelope.recipients.capacity(), 0u);
  ASSERT_TRUE(entry.away);
  EXPECT_EQ(entry.away->open, 99u);
  EXPECT_TRUE(entry.away->awaits_mailbox);
  EXPECT_EQ(scheduler.EnvelopeOf(entry).recipients.size(), 100u);
  world.router.is_silent = true;
  scheduler.OnMountChange();
  world.clock.RunPosted();
  EXPECT_TRUE(entry.active);
  EXPECT_EQ(entry.envelope.recipients.size(), 100u);
}

TEST_F(SchedulerTest, LetsGoOfWhatIsDamagedWhenItIsTried) {
  const auto envelope = PutWithManyRecipients();
  scheduler.Resume(LoadAll(world.queue).envelopes);
  std::filesystem::resize_file(world.directory.Path("queue") / (envelope.id.ToString() + ".envelope"), 10);
  scheduler.Flush({});
  world.clock.RunPosted();
  EXPECT_EQ(unreadable, 1u);
  EXPECT_FALSE(scheduler.Knows(envelope.id)) << "or it is not found by who looks for such";
  EXPECT_EQ(scheduler.UsageOf(envelope.submitter).messages, 0u);
}

TEST_F(SchedulerTest, LetsGoOfWhatHasLostItsText) {
  for (const auto created :
       {mail::Time{}, world.clock.Now()}) {  // too old, so that it is to be returned, or not
    auto envelope = world.MakeEnvelope({"bob"});
    envelope.created = created;
    auto committed = world.Put(envelope);
    std::filesystem::remove(world.directory.Path("queue") / (envelope.id.ToString() + ".message"));
    scheduler.Add({std::move(committed)});
    unreadable = 0;
    world.clock.RunPosted();
    EXPECT_EQ(unreadable, 1u);
    EXPECT_FALSE(scheduler.Knows(envelope.id));
    EXPECT_TRUE(LoadAll(world.queue).unreadable.contains(envelope.id));
    std::filesystem::remove(world.directory.Path("queue") / (envelope.id.ToString() + ".envelope"));
  }
}

TEST_F(SchedulerTest, TriesLaterWhatCanNotBeReadNow) {
  const auto envelope = PutWithManyRecipients();
  scheduler.Resume(LoadAll(world.queue).envelopes);
  const auto& entry = scheduler.Entries().at(envelope.id);
  world.store.fails_to_read = true;
  scheduler.Flush({});
  world.clock.RunPosted();
  EXPECT_EQ(entry.faults, 1u);
  EXPECT_FALSE(entry.active);
  EXPECT_GT(entry.due, world.clock.Now());
}

// A short message can lead to thousands of ends. Other users need the disk, too.
TEST_F(SchedulerTest, ExpandsNothingMoreBeyondItsSubmittersLimit) {
  const auto lineage = std::make_shared<route::Lineage>();
  lineage->depth = 1;
  for (const auto* list : {"first", "second", "third"})
    for (int i = 0; i < 20; ++i) {
      auto end = MakeRemoteEnd(std::to_string(i) + "@" + list + ".example");
      end.lineage = lineage;
      world.router.ends[list].push_back(std::move(end));
    }
  world.settings.settings.queue.user_max.octets = 2000;
  world.couriers.result = mail::Deferred("4.2.0", "later");
  const auto add = [&](const std::string& recipient, long long number, uid_t submitter) {
    auto envelope = world.MakeEnvelope({recipient}, number);
    envelope.submitter = submitter;
    scheduler.Add({world.Put(envelope)});
    world.clock.RunPosted();
    return envelope.id;
  };
  const auto first = add("first", 1, 1000);
  const auto size = scheduler.Entries().at(first).envelope.message_size;
  EXPECT_GT(scheduler.UsageOf(1000).octets, size + 2000) << "the ends count";
  const auto of_list = [&](const std::string& list) {
    return std::ranges::count_if(world.couriers.deliveries, [&](const auto& delivery) {
      const auto& address = delivery.order.request.envelope.recipients.at(0).address;
      return address.ends_with("@" + list + ".example");
    });
  };
  const auto second = add("second", 2, 1000);
  EXPECT_EQ(of_list("second"), 0);
  EXPECT_EQ(scheduler.Entries().at(second).envelope.attempts, 0U) << "it only waits";
  add("bob@else.example", 3, 1000);
  EXPECT_EQ(of_list("else"), 1) << "it does not grow";
  add("third", 4, 1001);
  EXPECT_EQ(of_list("third"), 1) << "another user's";

  // What has grown is tried again, also where a second one has.
  world.settings.settings.queue.user_max.octets = 1'000'000;
  EXPECT_TRUE(scheduler.FlushMessage(second, {}));
  world.clock.RunPosted();
  EXPECT_EQ(of_list("second"), 1);
  world.settings.settings.queue.user_max.octets = 2000;
  const auto waiting = add("second", 5, 1000);
  EXPECT_EQ(of_list("second"), 1);
  world.couriers.result = mail::Delivered("2.0.0", "there");
  EXPECT_TRUE(scheduler.FlushMessage(first, {}));
  world.clock.RunPosted();
  EXPECT_FALSE(scheduler.Knows(first));
  EXPECT_TRUE(scheduler.Knows(waiting)) << "there is no room yet";
  EXPECT_TRUE(scheduler.FlushMessage(second, {}));
  world.clock.RunPosted();
  EXPECT_FALSE(scheduler.Knows(second));
  EXPECT_FALSE(scheduler.Knows(waiting)) << "there is room now";
}

}  // namespace
