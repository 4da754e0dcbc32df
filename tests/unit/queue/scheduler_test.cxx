// SPDX-License-Identifier: BSD-2-Clause
#include "queue/scheduler.hxx"

#include "base/error.hxx"
#include "unit/queue/fake_environment.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

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
  EXPECT_EQ(scheduler.TryWaiting(), 0u);
  world.clock.RunPosted();
  EXPECT_FALSE(scheduler.HasWork());
  EXPECT_EQ(scheduler.Flush({}), 1u);
  EXPECT_TRUE(scheduler.HasWork());
  EXPECT_FALSE(entry.envelope.recipients[0].result);
  world.clock.RunPosted();
  ASSERT_EQ(entry.envelope.recipients.size(), 2u);
  EXPECT_EQ(entry.envelope.recipients[1].address, "root");
}

// A commit for each owner of many lists would keep the event loop.
TEST_F(SchedulerTest, ReportsToOneAfterTheOther) {
  constexpr unsigned kOwners = 20;
  std::vector<route::End> ends;
  for (unsigned i = 0; i < kOwners; ++i) {
    auto end = MakeEnd(mail::Failed("5.1.1", "no such user"), "x" + std::to_string(i));
    auto lineage = std::make_shared<route::Lineage>();
    lineage->depth = 1;
    lineage->sender = "owner" + std::to_string(i) + "@host.example.org";
    end.lineage = lineage;
    ends.push_back(std::move(end));
  }
  world.router.ends["list"] = ends;
  const auto envelope = world.Put(world.MakeEnvelope({"list"}));
  const auto& entries = scheduler.Entries();
  unsigned most = 0;  // in one turn
  world.clock.tick = 1ms;
  world.couriers.result = mail::Deferred("4.4.1", "connection refused");
  scheduler.Add({envelope});
  for (auto before = entries.size(); world.clock.RunOne(); before = entries.size())
    most = std::max(most, static_cast<unsigned>(entries.size() - std::min(before, entries.size())));
  EXPECT_EQ(entries.size(), kOwners) << "the message itself is done";
  EXPECT_FALSE(scheduler.Knows(envelope.id));
  EXPECT_LT(most, 10u);
  EXPECT_EQ(scheduler.Active(), 0u);
}

// Their flush must not send everybody's mail to a relay that is down.
TEST_F(SchedulerTest, TriesWhatAUserFlushesAlone) {
  const auto add = [this](long long number, uid_t submitter) {
    auto envelope = world.MakeEnvelope({"x@example.net"}, number);
    envelope.submitter = submitter;
    scheduler.Add({world.Put(envelope)});
    world.clock.RunPosted();
    return envelope.id;
  };
  const auto answer_last = [this] {
    const auto order = world.couriers.deliveries.back().order;
    order.done({.results = {mail::Deferred("4.4.1", "connection refused")}, .unreached = true});
    world.clock.RunPosted();
  };
  const auto& deliveries = world.couriers.deliveries;
  static_cast<void>(add(1, 1000));
  answer_last();
  const auto others = add(2, 1001);
  EXPECT_EQ(deliveries.size(), 1u) << "it is down";
  world.clock.Advance(1s);
  EXPECT_EQ(scheduler.Flush(1000), 1u);
  world.clock.RunPosted();
  ASSERT_EQ(deliveries.size(), 2u);
  EXPECT_EQ(deliveries[1].order.request.envelope.submitter, 1000u);
  answer_last();
  world.clock.Advance(1s);
  EXPECT_TRUE(scheduler.FlushMessage(others, 1001));
  world.clock.RunPosted();
  ASSERT_EQ(deliveries.size(), 3u);
  answer_last();
  world.clock.Advance(1s);
  EXPECT_EQ(scheduler.TryWaiting(), 2u);
  world.clock.RunPosted();
  EXPECT_EQ(deliveries.size(), 4u) << "one finds out how things are";
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

// What comes of a message, attempt by attempt.
struct SchedulerLifeTest : SchedulerTest {
  mail::QueueId Add(const mail::Envelope& envelope) {
    scheduler.Add({world.Put(envelope)});
    world.clock.RunPosted();
    return envelope.id;
  }
  mail::QueueId Add(const std::vector<std::string>& recipients, long long number = 1, uid_t submitter = 0) {
    auto envelope = world.MakeEnvelope(recipients, number);
    envelope.submitter = submitter;
    return Add(envelope);
  }
  [[nodiscard]] const queue::Entry& EntryOf(const mail::QueueId& id) const {
    return scheduler.Entries().at(id);
  }
  [[nodiscard]] std::size_t Orders() const { return world.couriers.deliveries.size(); }
  void Answer(std::size_t order, const std::optional<mail::DeliveryResult>& result) {
    world.couriers.Answer(order, result);
    world.clock.RunPosted();
  }
  [[nodiscard]] mail::Duration Wait(const mail::QueueId& id) const {
    return EntryOf(id).due - world.clock.Now();
  }
};

TEST_F(SchedulerLifeTest, RemovesWhatWasDelivered) {
  const auto id = Add({"x@example.net"});
  EXPECT_EQ(scheduler.Active(), 1u);
  Answer(0, kOk);
  EXPECT_EQ(scheduler.Size(), 0u);
  EXPECT_EQ(scheduler.Active(), 0u);
  EXPECT_FALSE(scheduler.HasWork());
  EXPECT_EQ(world.directory.Count("queue"), 0u);
  EXPECT_EQ(world.log.Count(id.ToString() + ": done"), 1u);
}

TEST_F(SchedulerLifeTest, TriesWhatIsDeferredAgainAfterLongerAndLongerTimes) {
  world.couriers.result = kRefused;
  const auto& queue = world.settings.settings.queue;
  const auto id = Add({"x@example.net"});
  auto delay = queue.retry_min;
  for (unsigned attempt = 1; attempt < 12; ++attempt) {
    EXPECT_EQ(EntryOf(id).envelope.attempts, attempt);
    EXPECT_EQ(Wait(id), delay);
    EXPECT_EQ(Orders(), attempt);
    world.clock.Advance(delay);
    delay = std::min(2 * delay, queue.retry_max);
  }
  EXPECT_EQ(delay, queue.retry_max);
}

TEST_F(SchedulerLifeTest, StoresWhatItKnows) {
  world.couriers.result = kRefused;
  const auto id = Add({"x@example.net"});
  const auto reading = world.queue.Read(id);
  const auto& stored = std::get<mail::Envelope>(reading);
  EXPECT_EQ(stored.attempts, 1u);
  EXPECT_EQ(stored.next_attempt, EntryOf(id).due);
  EXPECT_EQ(stored.recipients.at(0).result->text, "refused");
}

// Nobody has said no.
TEST_F(SchedulerLifeTest, TriesWhatACourierLostSoonAndSaysThatItDoesSoAgain) {
  const auto id = Add({"x@example.net"});
  EXPECT_FALSE(world.couriers.deliveries[0].order.request.again);
  for (std::size_t i = 0; i < 4; ++i) {
    Answer(i, std::nullopt);
    EXPECT_EQ(Wait(id), std::chrono::seconds(1 << i));
    EXPECT_EQ(EntryOf(id).envelope.attempts, 0u);
    world.clock.Advance(Wait(id));
    EXPECT_TRUE(world.couriers.deliveries.at(i + 1).order.request.again);
  }
  Answer(4, kOk);
  EXPECT_EQ(scheduler.Size(), 0u);
}

TEST_F(SchedulerLifeTest, ReturnsWhatFailed) {
  const auto id = Add({"nobody"});
  EXPECT_FALSE(scheduler.Knows(id));
  ASSERT_EQ(scheduler.Size(), 1u);
  const auto* const bounce = FindNotification();
  ASSERT_TRUE(bounce);
  EXPECT_EQ(bounce->envelope.recipients.at(0).address, "alice@example.org");
  ASSERT_EQ(Orders(), 1u);
  EXPECT_EQ(world.couriers.deliveries[0].order.request.envelope.sender, "");
  Answer(0, kOk);
  EXPECT_EQ(scheduler.Size(), 0u);
}

TEST_F(SchedulerLifeTest, ReturnsWhatIsTooOld) {
  world.couriers.result = kRefused;
  const auto id = Add({"x@example.net"});
  world.clock.Advance(world.settings.settings.queue.lifetime + world.settings.settings.queue.retry_max);
  EXPECT_FALSE(scheduler.Knows(id));
  EXPECT_TRUE(FindNotification());
}

TEST_F(SchedulerLifeTest, RemovesAFailureThatNobodyWantsToKnowOf) {
  auto envelope = world.MakeEnvelope({"nobody"});
  envelope.recipients[0].notify = "NEVER";
  Add(envelope);
  EXPECT_EQ(scheduler.Size(), 0u);
  EXPECT_EQ(world.log.Count("a failure is not reported, as its sender asked"), 1u);
}

TEST_F(SchedulerLifeTest, GivesABounceThatFailsToThePostmasterAndHoldsItAfterThat) {
  for (const auto* name : {"alice@example.org", "root"})
    world.router.ends[name] = {MakeEnd(mail::Failed("5.1.1", "no"), name)};
  Add({"nobody"});
  ASSERT_EQ(scheduler.Size(), 1u);
  EXPECT_EQ(scheduler.Held(), 1u);
  EXPECT_FALSE(scheduler.HasWork());
  EXPECT_NE(FindNotification()->envelope.held, "");
  EXPECT_EQ(world.log.Count("is held: nobody has taken the report that it failed"), 1u);
  world.clock.Advance(24h);
  EXPECT_EQ(scheduler.Held(), 1u);
  EXPECT_EQ(LoadAll(world.queue).envelopes.at(0).held, FindNotification()->envelope.held);
  world.router.ends.erase("root");
  world.router.ends.erase("alice@example.org");
  EXPECT_EQ(scheduler.Flush({}), 1u);
  world.clock.RunPosted();
  EXPECT_EQ(scheduler.Held(), 0u);
  EXPECT_GT(Orders(), 0u);
}

// After a crash between the bounce and the envelope that it reports on.
TEST_F(SchedulerLifeTest, ReportsOnceWhatAnEarlierRunHasBegunToReport) {
  auto envelope = world.MakeEnvelope({"nobody"});
  envelope.recipients[0].result = mail::Failed("5.1.1", "no such user");
  envelope.bounce = mail::QueueId::Make(world.clock.Now(), 77);
  static_cast<void>(world.Put(envelope));
  scheduler.Resume(LoadAll(world.queue).envelopes);
  world.clock.RunPosted();
  EXPECT_FALSE(scheduler.Knows(envelope.id));
  EXPECT_TRUE(scheduler.Knows(*envelope.bounce));
  EXPECT_EQ(scheduler.Size(), 1u);
}

TEST_F(SchedulerLifeTest, TriesAgainToStoreWhatItCouldNot) {
  unsigned failures = 3;
  world.store.on_call = [&](Call call, const auto&) {
    if (call != Call::Remove || failures == 0) return;
    --failures;
    throw MakeErrno(EIO, "Failed to remove it");
  };
  const auto id = Add({"x@example.net"});
  Answer(0, kOk);
  EXPECT_TRUE(scheduler.Knows(id));
  EXPECT_EQ(Wait(id), 1s);
  world.clock.Advance(1s);
  EXPECT_EQ(Wait(id), 2s);
  world.clock.Advance(1h);
  EXPECT_FALSE(scheduler.Knows(id));
  EXPECT_EQ(Orders(), 1u) << "it was delivered already";
  EXPECT_EQ(world.log.Count("can't store what became of it"), 3u);
}

TEST_F(SchedulerLifeTest, GoesOnAfterAFaultOfTheConfiguration) {
  world.settings.fails = true;
  scheduler.Add({world.Put(world.MakeEnvelope({"x@example.net"}))});
  EXPECT_THROW(world.clock.RunPosted(), std::runtime_error);
  EXPECT_EQ(Orders(), 0u);
  world.settings.fails = false;
  world.clock.Advance(1s);
  EXPECT_EQ(Orders(), 1u);
}

TEST_F(SchedulerLifeTest, FlushesOnlyWhatIsTheCallers) {
  world.couriers.result = kRefused;
  const auto alices = Add({"x@example.net"}, 1, 1000);
  const auto bobs = Add({"x@example.net"}, 2, 1001);
  world.couriers.result.reset();
  EXPECT_FALSE(scheduler.FlushMessage(alices, 1001));
  EXPECT_FALSE(scheduler.FlushMessage(mail::QueueId(), {}));
  EXPECT_EQ(scheduler.Flush(1001), 1u);
  world.clock.RunPosted();
  EXPECT_TRUE(EntryOf(bobs).active);
  EXPECT_FALSE(EntryOf(alices).active);
  EXPECT_TRUE(scheduler.FlushMessage(alices, 1000));
  world.clock.RunPosted();
  EXPECT_TRUE(EntryOf(alices).active);
  EXPECT_EQ(scheduler.Flush({}), 0u) << "both are under way";
}

TEST_F(SchedulerLifeTest, TriesAfterAMountWhatAwaitsAMailbox) {
  world.router.ends["bob"] = {MakeUserEnd("bob", 1001)};
  const auto mailbox = Add({"bob"}, 1);
  const auto remote = Add({"x@example.net"}, 2);
  Answer(0, mail::Deferred("4.2.1", "no home"));
  auto server = mail::Deferred("4.2.1", "a mailbox of the server's own");
  server.remote = "relay.example";
  Answer(1, server);
  scheduler.OnMountChange();
  world.clock.RunPosted();
  EXPECT_EQ(world.couriers.mount_changes, 1u);
  EXPECT_TRUE(EntryOf(mailbox).active);
  EXPECT_FALSE(EntryOf(remote).active);
}

TEST_F(SchedulerLifeTest, TriesWhatWasPutOffWhenThereIsRoom) {
  world.router.ends["bob"] = {MakeUserEnd("bob", 1001)};
  world.couriers.full.insert({route::Courier::Deliver, 1001});
  std::vector<mail::QueueId> ids;
  for (int i = 1; i <= 5; ++i) ids.push_back(Add({"bob"}, i));
  EXPECT_EQ(Orders(), 0u);
  EXPECT_EQ(scheduler.Active(), 0u);
  EXPECT_EQ(world.log.Count("4."), 0u) << "it is no result";
  world.couriers.full.clear();
  world.couriers.on_room(route::Courier::Deliver, 1001, 2);
  world.clock.RunPosted();
  EXPECT_EQ(Orders(), 2u);
  world.couriers.on_room(route::Courier::Deliver, 1002, 2);
  world.couriers.on_room(route::Courier::Command, 1001, 2);
  world.clock.RunPosted();
  EXPECT_EQ(Orders(), 2u) << "others' room";
  world.couriers.on_room(route::Courier::Deliver, 1001, 100);
  world.clock.RunPosted();
  EXPECT_EQ(Orders(), 5u);
}

TEST_F(SchedulerLifeTest, TriesWhatWasPutOffInTheEndEvenWhenNobodySaysSo) {
  world.router.ends["bob"] = {MakeUserEnd("bob", 1001)};
  world.couriers.full.insert({route::Courier::Deliver, 1001});
  Add({"bob"});
  world.couriers.full.clear();
  world.clock.Advance(world.settings.settings.queue.retry_max);
  EXPECT_EQ(Orders(), 1u);
}

// A destination that nothing is known of gets a few messages first, and the rest when it has answered.
TEST_F(SchedulerLifeTest, WaitsForTheFirstAnswersOfADestination) {
  const auto many = queue::Destinations::kUnproven + 10;
  for (std::size_t i = 0; i < many; ++i) Add({"x@example.net"}, static_cast<long long>(i));
  EXPECT_EQ(Orders(), queue::Destinations::kUnproven);
  Answer(0, kOk);
  EXPECT_EQ(Orders(), many);
}

TEST_F(SchedulerLifeTest, TriesOneMessageForADestinationThatIsDown) {
  for (long long i = 0; i < 5; ++i) Add({"x@example.net"}, i);
  ASSERT_EQ(Orders(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto done = world.couriers.deliveries[i].order.done;
    done({.results = {kRefused}, .unreached = true});
  }
  world.clock.RunPosted();
  world.clock.Advance(world.settings.settings.queue.retry_min);
  EXPECT_EQ(Orders(), 6u);
  Answer(5, kOk);
  EXPECT_EQ(Orders(), 10u);
}

TEST_F(SchedulerLifeTest, SubmittersShareTheAttempts) {
  for (long long i = 0; i < 250; ++i) {
    world.router.ends["m" + std::to_string(i)] = {MakeUserEnd("u" + std::to_string(i), 2000)};
    scheduler.Add({world.Put([&] {
      auto envelope = world.MakeEnvelope({"m" + std::to_string(i)}, i);
      envelope.submitter = 1000;
      return envelope;
    }())});
  }
  world.clock.RunPosted();
  const auto alices = scheduler.Active();
  EXPECT_LT(alices, 240u);
  EXPECT_GT(alices, 150u);
  const auto bobs = Add({"x@example.net"}, 2000, 1001);
  EXPECT_TRUE(EntryOf(bobs).active);
  const auto roots = Add({"x@example.net"}, 2001, 0);
  EXPECT_TRUE(EntryOf(roots).active);
  Answer(0, kOk);
  EXPECT_EQ(scheduler.Active(), alices + 2) << "her next one";
}

TEST_F(SchedulerLifeTest, WaitsAMomentForTheUserDatabase) {
  world.users.is_silent = true;
  const auto id = Add({"x@example.net"}, 1, 1000);
  EXPECT_FALSE(EntryOf(id).active);
  world.clock.Advance(queue::Submitters::kPatience);
  EXPECT_TRUE(EntryOf(id).active);
  EXPECT_EQ(EntryOf(id).share, queue::Submitters::kUnknown);
}

TEST_F(SchedulerLifeTest, TellsWhoseShareHasBeenFoundOut) {
  std::vector<uid_t> shares;
  scheduler.SetOnShare([&](uid_t uid) { shares.push_back(scheduler.ShareOf(uid)); });
  Add({"x@example.net"}, 1, 1000);
  Add({"x@example.net"}, 2, 100000);
  EXPECT_EQ(shares, (std::vector<uid_t>{1000, queue::Submitters::kUnknown}));
}

TEST_F(SchedulerLifeTest, CountsWhatIsASubmitters) {
  Add({"x@example.net"}, 1, 1000);
  Add({"x@example.net"}, 2, 1000);
  Add({"x@example.net"}, 3, 100000);
  EXPECT_EQ(scheduler.UsageOf(1000).messages, 2u);
  EXPECT_GT(scheduler.UsageOf(1000).octets, 0u);
  EXPECT_EQ(scheduler.UsageOf(100001).messages, 1u) << "unknown users share one allowance";
  Answer(0, kOk);
  EXPECT_EQ(scheduler.UsageOf(1000).messages, 1u);
  static_cast<void>(scheduler.ShareOf(1002));
  world.clock.RunPosted();
  EXPECT_EQ(scheduler.UsageOf(1002).messages, 0u);
}

TEST_F(SchedulerLifeTest, StartsNothingAfterStop) {
  world.couriers.result = kRefused;
  const auto id = Add({"x@example.net"});
  world.couriers.result.reset();
  const auto other = Add({"y@example.net"}, 2);
  scheduler.Stop();
  Answer(1, kOk);
  EXPECT_FALSE(scheduler.Knows(other)) << "what is under way goes on";
  world.clock.Advance(24h);
  EXPECT_EQ(Orders(), 2u);
  EXPECT_TRUE(scheduler.Knows(id));
}

TEST_F(SchedulerLifeTest, TellsOfEachChange) {
  unsigned changes = 0;
  queue::Scheduler other(world.Get(), [&] { ++changes; });
  other.Add({world.Put(world.MakeEnvelope({"x@example.net"}))});
  EXPECT_EQ(changes, 1u);
  world.clock.RunPosted();
  Answer(0, kOk);
  EXPECT_EQ(changes, 2u);
}

// A message is in the queue once, however often it is told of.
TEST_F(SchedulerLifeTest, KnowsAMessageOnce) {
  const auto id = Add({"x@example.net"});
  scheduler.Resume(LoadAll(world.queue).envelopes);
  world.clock.RunPosted();
  EXPECT_EQ(scheduler.Size(), 1u);
  EXPECT_EQ(Orders(), 1u);
  EXPECT_EQ(scheduler.UsageOf(EntryOf(id).envelope.submitter).messages, 1u);
}

TEST_F(SchedulerLifeTest, GivesAMessageThatLedToTooMuchMorePlacesTheNextTime) {
  courier::Forward forward{"/home/bob/.forward", {}, {}};
  for (int i = 0; i < 400; ++i)
    forward.destinations.push_back({mail::Destination::Kind::Address, "x" + std::to_string(i)});
  world.router.ends["bob"] = {MakeUserEnd("bob", 1001)};
  for (long long i = 1; i <= 300; ++i) {
    world.router.ends["m" + std::to_string(i)] = {MakeUserEnd("u" + std::to_string(i), 2000)};
    Add({"m" + std::to_string(i)}, i, 1000);
  }
  const auto filled = Orders();
  EXPECT_LT(filled, 300u);
  Answer(0, kOk);
  const auto id = Add({"bob"}, 1000, 1000);
  EXPECT_FALSE(EntryOf(id).active);
  for (std::size_t i = 1; i < 300; ++i) Answer(i, kOk);
  ASSERT_TRUE(EntryOf(id).active);
  const auto done = world.couriers.deliveries.back().order.done;
  queue::Reply reply{queue::Results(1)};
  reply.forward = forward;
  done(reply);
  world.clock.RunPosted();
  EXPECT_EQ(EntryOf(id).places, queue::Attempt::WeightOf(401)) << "an only message may have any number";
}

}  // namespace
