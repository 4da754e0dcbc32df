// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/scheduler.hxx"

#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

// Whether renaming a file to this name fails.
std::function<bool(std::string_view)> rename_fails;

bool read_fails = false;

}  // namespace

// These stand in for those of the C library in this program.
extern "C" int renameat(int from, const char* name, int to, const char* new_name) noexcept {
  if (rename_fails && rename_fails(new_name)) return errno = ENOSPC, -1;
  return static_cast<int>(::syscall(SYS_renameat2, from, name, to, new_name, 0));
}
extern "C" int fstatat(int directory, const char* name, struct stat* status, int flags) noexcept {
  if (read_fails) return errno = EIO, -1;
  return static_cast<int>(::syscall(SYS_newfstatat, directory, name, status, flags));
}

namespace {

constexpr auto kPatience = 20s;

struct SchedulerTest : testing::Test {
  SpoolDirectory directory;
  asio::io_context context{1};
  spool::Queue queue{directory.Open("queue")};
  runner::SettingsWatch settings{directory.Path("etc").string()};
  runner::Scheduler scheduler{context, queue, settings, [] {}};

  unsigned unreadable = 0;

  SchedulerTest() {
    scheduler.SetOnUnreadable([this] { ++unreadable; });
  }
  ~SchedulerTest() override {
    rename_fails = nullptr;
    read_fails = false;
  }

  // Its recipients are on disk only.
  mail::Envelope PutWithManyRecipients() {
    auto envelope = MakeTestEnvelope(1);
    envelope.created = mail::Now();
    envelope.next_attempt = mail::Now() + 1h;
    envelope.recipients.assign(100, envelope.recipients.at(0));
    spool::QueueBatch batch(queue);
    batch.Add(envelope, "Subject: x\n\nbody\n");
    static_cast<void>(batch.Commit());
    return envelope;
  }

  bool RunUntil(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition() && std::chrono::steady_clock::now() < end) {
      context.restart();
      context.run_one_for(100ms);
    }
    return condition();
  }

  const runner::Entry* FindNotification() const {
    for (const auto& [id, entry] : scheduler.Entries())
      if (entry.envelope.sender.empty()) return &entry;
    return nullptr;
  }
};

TEST_F(SchedulerTest, KeepsAHeldMessageUntilRootHasItTried) {
  auto envelope = MakeTestEnvelope(1);
  envelope.created = mail::Now();
  envelope.sender.clear();
  envelope.held = "nobody has it";
  envelope.submitter = 1000;
  envelope.recipients.at(0).address = "nobody-of-this-name";
  envelope.recipients[0].result = mail::Failed("5.1.1", "no");
  spool::QueueBatch batch(queue);
  batch.Add(envelope, "Subject: x\n\nbody\n");
  static_cast<void>(batch.Commit());
  scheduler.Resume(LoadAll(queue).envelopes);
  const auto& entry = scheduler.Entries().at(envelope.id);
  EXPECT_EQ(entry.envelope.held, "nobody has it");
  EXPECT_FALSE(scheduler.HasWork());
  scheduler.OnMountChange();
  EXPECT_EQ(scheduler.Flush(1000), 0u);
  EXPECT_TRUE(scheduler.FlushMessage(envelope.id, 1000));
  context.poll();
  EXPECT_FALSE(scheduler.HasWork());
  EXPECT_EQ(scheduler.Flush({}), 1u);
  EXPECT_TRUE(scheduler.HasWork());
  EXPECT_FALSE(entry.envelope.recipients[0].result);
  ASSERT_TRUE(RunUntil([&] { return entry.envelope.recipients.size() == 2; }));
  EXPECT_EQ(entry.envelope.recipients[1].address, "root");
}

// All of them in one handler would keep the event loop.
TEST_F(SchedulerTest, FlushesALongQueueInSlices) {
  constexpr unsigned kMany = 4000;
  std::vector<mail::Envelope> envelopes(kMany, MakeTestEnvelope(1));
  for (unsigned i = 0; i < kMany; ++i) {
    envelopes[i].id = mail::QueueId::Make(mail::Now(), i);
    envelopes[i].next_attempt = mail::Now() + 1h;
  }
  scheduler.Resume(std::move(envelopes));
  scheduler.Stop();  // none is tried
  const auto is_due = [](const auto& entry) { return entry.second.due == mail::Time{}; };
  const auto& entries = scheduler.Entries();
  EXPECT_EQ(scheduler.Flush({}), kMany);
  EXPECT_FALSE(is_due(*entries.rbegin()));
  EXPECT_TRUE(RunUntil([&] { return is_due(*entries.rbegin()); }));
  EXPECT_TRUE(std::ranges::all_of(entries, is_due));
}

// The bounce is committed, and the message that it reports on can't be stored.
TEST_F(SchedulerTest, HasABounceInTheScheduleOnceItIsInTheQueue) {
  bool broken = false;
  const auto envelope = MakeTestEnvelope(1);
  // The message's second recipient waits, so that its envelope is stored when its first one has failed.
  auto submitted = envelope;
  submitted.created = mail::Now();
  submitted.sender = "alice@elsewhere.invalid";
  submitted.recipients[0].address = "nobody-of-this-name";
  submitted.recipients.emplace_back().address = "x@elsewhere.invalid";
  spool::QueueBatch batch(queue);
  batch.Add(submitted, "Subject: x\n\nbody\n");
  auto committed = batch.Commit();
  unsigned stored = 0;
  rename_fails = [&](std::string_view name) {
    if (!name.starts_with(envelope.id.ToString())) broken = true;  // the bounce has come into the queue
    if (name.starts_with(envelope.id.ToString()) && broken && stored < 1) return ++stored, true;
    return false;
  };
  scheduler.Add(std::move(committed));
  ASSERT_TRUE(RunUntil([&] { return FindNotification() != nullptr; }));
  ASSERT_TRUE(RunUntil([&] { return stored == 1; }));
  EXPECT_TRUE(FindNotification()->unannounced);
  EXPECT_EQ(FindNotification()->envelope.attempts + FindNotification()->lost, 0u);
  ASSERT_TRUE(RunUntil([&] { return !FindNotification()->unannounced; }));
  ASSERT_TRUE(RunUntil([&] { return FindNotification()->lost > 0; })) << "it was not tried";
}

// A forward file may lead from one recipient to thousands of places, and every text may be long.
TEST_F(SchedulerTest, KeepsWhatIsLongOnDisk) {
  auto few = MakeTestEnvelope(1);
  auto many_ends = MakeTestEnvelope(2);
  auto long_texts = MakeTestEnvelope(3);
  many_ends.recipients.resize(1);
  many_ends.recipients[0].ends.resize(1000);
  long_texts.recipients.resize(1);
  long_texts.recipients[0].original = "rfc822;" + std::string(4000, 'x');
  spool::QueueBatch batch(queue);
  for (auto* envelope : {&few, &many_ends, &long_texts}) {
    envelope->created = mail::Now();
    envelope->next_attempt = mail::Now() + 1h;
    for (auto& end : envelope->recipients[0].ends) end = {"key", "address", "sender", {}, false};
    batch.Add(*envelope, "Subject: x\n\nbody\n");
  }
  static_cast<void>(batch.Commit());
  scheduler.Resume(LoadAll(queue).envelopes);
  EXPECT_FALSE(scheduler.Entries().at(few.id).away);
  EXPECT_TRUE(scheduler.Entries().at(many_ends.id).away);
  EXPECT_TRUE(scheduler.Entries().at(long_texts.id).away);
}

TEST_F(SchedulerTest, KeepsThousandsOfRecipientsOnDiskUntilTheyAreTried) {
  auto envelope = MakeTestEnvelope(1);
  envelope.created = mail::Now();
  envelope.next_attempt = mail::Now() + 1h;
  envelope.recipients.assign(100, envelope.recipients.at(0));
  envelope.recipients[0].result = mail::Delivered("2.0.0", "there");
  envelope.recipients[1].result = mail::Deferred("4.2.1", "no home");
  spool::QueueBatch batch(queue);
  batch.Add(envelope, "Subject: x\n\nbody\n");
  static_cast<void>(batch.Commit());
  scheduler.Resume(LoadAll(queue).envelopes);
  const auto& entry = scheduler.Entries().at(envelope.id);
  EXPECT_EQ(entry.envelope.recipients.capacity(), 0u);
  ASSERT_TRUE(entry.away);
  EXPECT_EQ(entry.away->open, 99u);
  EXPECT_TRUE(entry.away->awaits_mailbox);
  EXPECT_EQ(scheduler.EnvelopeOf(entry).recipients.size(), 100u);
  scheduler.OnMountChange();
  EXPECT_TRUE(RunUntil([&] { return entry.active; }));
  EXPECT_EQ(entry.envelope.recipients.size(), 100u);
}

TEST_F(SchedulerTest, LetsGoOfWhatIsDamagedWhenItIsTried) {
  const auto envelope = PutWithManyRecipients();
  scheduler.Resume(LoadAll(queue).envelopes);
  std::filesystem::resize_file(directory.Path("queue") / (envelope.id.ToString() + ".envelope"), 10);
  scheduler.Flush({});
  ASSERT_TRUE(RunUntil([&] { return unreadable > 0; }));
  EXPECT_FALSE(scheduler.Knows(envelope.id)) << "or it is not found by who looks for such";
  EXPECT_EQ(scheduler.UsageOf(envelope.submitter).messages, 0u);
}

TEST_F(SchedulerTest, LetsGoOfWhatHasLostItsText) {
  for (const auto created : {mail::Time{}, mail::Now()}) {  // too old, so that it is to be returned, or not
    auto envelope = MakeTestEnvelope(1);
    envelope.created = created;
    spool::QueueBatch batch(queue);
    batch.Add(envelope, "Subject: x\n\nbody\n");
    auto committed = batch.Commit();
    std::filesystem::remove(directory.Path("queue") / (envelope.id.ToString() + ".message"));
    scheduler.Add(std::move(committed));
    unreadable = 0;
    ASSERT_TRUE(RunUntil([&] { return unreadable > 0; }));
    EXPECT_FALSE(scheduler.Knows(envelope.id));
    EXPECT_TRUE(LoadAll(queue).unreadable.contains(envelope.id));
    std::filesystem::remove(directory.Path("queue") / (envelope.id.ToString() + ".envelope"));
  }
}

TEST_F(SchedulerTest, TriesLaterWhatCanNotBeReadNow) {
  const auto envelope = PutWithManyRecipients();
  scheduler.Resume(LoadAll(queue).envelopes);
  const auto& entry = scheduler.Entries().at(envelope.id);
  read_fails = true;
  scheduler.Flush({});
  EXPECT_TRUE(RunUntil([&] { return entry.faults > 0; }));
  EXPECT_FALSE(entry.active);
  EXPECT_GT(entry.due, mail::Now());
}

}  // namespace
