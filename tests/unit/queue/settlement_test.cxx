// SPDX-License-Identifier: BSD-2-Clause
#include "queue/settlement.hxx"

#include "unit/killed_at.hxx"
#include "unit/queue/fake_environment.hxx"
#include "unit/spool/simulated_spool.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

using namespace std::chrono_literals;

namespace {

struct Settled {
  FakeEnvironment world;
  SpoolDirectory& directory = world.directory;
  spool::Queue& queue = world.queue;
  config::Settings& settings = world.settings.settings;
  queue::Environment environment = world.Get();
  queue::MessageLog log{world.log, world.clock};
  queue::Settlement settlement{environment, settings, log};
  mail::Time now = world.clock.Now();
  mail::Envelope envelope = MakeTestEnvelope(1);

  Settled() { Store(); }
  /// With a queue that is elsewhere.
  explicit Settled(std::unique_ptr<spool::Queue> elsewhere) : world(std::move(elsewhere)) { Store(); }

  void Store() {
    envelope.created = now;
    spool::QueueBatch batch(queue);
    batch.Add(envelope, "Subject: x\n\nbody\n");
    envelope = batch.Commit().at(0);
  }

  std::vector<mail::Envelope> Report() {
    std::vector<mail::Envelope> queued;
    const auto keep = [&](mail::Envelope notification) { queued.push_back(std::move(notification)); };
    while (settlement.Report(envelope, now, keep)) continue;
    return queued;
  }
};

using Next = queue::Settlement::Next;

TEST(Settlement, ReportsAFailureOnce) {
  Settled s;
  s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
  const auto notifications = s.Report();
  ASSERT_EQ(notifications.size(), 1u);
  EXPECT_EQ(notifications[0].sender, "");
  EXPECT_EQ(notifications[0].recipients.at(0).address, s.envelope.sender);
  EXPECT_TRUE(s.queue.Contains(notifications[0].id));
  EXPECT_TRUE(s.envelope.recipients[0].reported);
  EXPECT_TRUE(s.Report().empty());
}

TEST(Settlement, SaysNothingWhileNothingFailed) {
  Settled s;
  s.envelope.recipients[0].result = mail::Deferred("4.2.0", "later");
  EXPECT_TRUE(s.Report().empty());
  EXPECT_EQ(s.directory.Count("queue"), 2u);
}

TEST(Settlement, NeverReturnsWhatARelayThatRefusesTheLoginKeepsWaiting) {
  Settled s;
  s.envelope.recipients[0].result = mail::Deferred("4.7.8", "Login refused");
  for (int i = 0; i < 2; ++i) s.settlement.Expire(s.envelope, s.now + std::chrono::years(1));
  EXPECT_FALSE(s.envelope.recipients[0].IsSettled());
  EXPECT_EQ(s.envelope.recipients[0].result->text, "Login refused; older than Lifetime=, but not returned");
}

TEST(Settlement, ExpiresOnlyWhatIsStillDeferredAndOldEnough) {
  Settled s;
  s.settings.queue.lifetime = 1h;
  s.envelope.recipients.push_back(s.envelope.recipients[0]);
  s.envelope.recipients[0].result = mail::Deferred("4.4.1", "connection refused");
  s.envelope.recipients[1].result = mail::Delivered("2.0.0", "ok");
  s.settlement.Expire(s.envelope, s.now + 59min);
  EXPECT_FALSE(s.envelope.recipients[0].IsSettled());
  s.settlement.Expire(s.envelope, s.now + 1h);
  EXPECT_EQ(s.envelope.recipients[0].result->status, "5.4.7");
  EXPECT_NE(s.envelope.recipients[0].result->text.find("connection refused"), std::string::npos);
  EXPECT_EQ(s.envelope.recipients[1].result->outcome, mail::Outcome::Delivered);
}

TEST(Settlement, GivesANotificationThatFailsToThePostmasterOnce) {
  Settled s;
  s.envelope.sender.clear();
  s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
  EXPECT_TRUE(s.Report().empty());
  ASSERT_EQ(s.envelope.recipients.size(), 2u);
  EXPECT_EQ(s.envelope.recipients[1].address, "root");
  EXPECT_EQ(queue::Settlement::WhatNext(s.envelope), Next::Attempt);
  s.envelope.recipients[1].result = mail::Delivered("2.0.0", "ok");
  EXPECT_TRUE(s.Report().empty());
  EXPECT_EQ(s.envelope.recipients.size(), 2u);
  EXPECT_EQ(queue::Settlement::WhatNext(s.envelope), Next::Removal);
}

TEST(Settlement, HoldsWhatThePostmasterDoesNotTakeUntilItIsReleased) {
  Settled s;
  s.envelope.sender.clear();
  s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
  EXPECT_TRUE(s.Report().empty());
  s.envelope.recipients.at(1).result = mail::Failed("5.3.4", "too large");
  EXPECT_TRUE(s.Report().empty());
  EXPECT_EQ(queue::Settlement::WhatNext(s.envelope), Next::Hold);
  queue::Settlement::Hold(s.envelope);
  EXPECT_EQ(s.envelope.held, "nobody has taken the report that it failed; <root>: 5.3.4 too large");
  queue::Settlement::Release(s.envelope);
  EXPECT_EQ(s.envelope.held, "");
  EXPECT_EQ(queue::Settlement::WhatNext(s.envelope), Next::Attempt);
  for (auto& recipient : s.envelope.recipients) recipient.result = mail::Delivered("2.0.0", "ok");
  EXPECT_TRUE(s.Report().empty());
  EXPECT_EQ(queue::Settlement::WhatNext(s.envelope), Next::Removal);
}

// A list that was followed to its end in part, and whose recipient has expired or was cut short since.
TEST(Settlement, ReportsARecipientThatFailedWhileNoneOfItsEndsDid) {
  Settled s;
  s.envelope.recipients[0].ends = {{"remote a@x", "a@x", s.envelope.sender, mail::Delivered("2.0.0", "ok")}};
  s.envelope.recipients[0].result = mail::Failed("5.4.7", "expired");
  EXPECT_EQ(queue::Settlement::WhatNext(s.envelope), Next::Hold);
  EXPECT_EQ(s.Report().size(), 1u);
  EXPECT_EQ(queue::Settlement::WhatNext(s.envelope), Next::Removal);
}

TEST(Settlement, OnePlaceOfThePostmasterIsEnough) {
  Settled s;
  s.envelope.sender.clear();
  s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
  EXPECT_TRUE(s.Report().empty());
  auto& root = s.envelope.recipients.at(1);
  root.result = mail::Failed("5.1.1", "gone");
  root.ends = {{"remote a@x", "a@x", "", mail::Delivered("2.0.0", "ok")},
               {"remote b@x", "b@x", "", root.result}};
  EXPECT_TRUE(s.Report().empty());
  EXPECT_EQ(queue::Settlement::WhatNext(s.envelope), Next::Removal);
}

// Whatever a message came to: it may leave the queue only if for each recipient, and each end of one,
// somebody has it, somebody has the report that it failed, or its sender wants none.
struct Came {
  mail::Envelope envelope;
  std::set<std::string> told;  // who has a notification in the queue
};

bool IsAccountedFor(const Came& came, const std::string& sender, const std::string& notify,
                    const std::optional<mail::DeliveryResult>& result) {
  if (!result || result->outcome == mail::Outcome::Deferred) return false;
  if (result->outcome == mail::Outcome::Delivered || notify == "NEVER") return true;
  if (!sender.empty()) return came.told.contains(sender);
  return std::ranges::any_of(came.envelope.recipients, [](const auto& recipient) {
    return recipient.address == "root" && recipient.result->outcome == mail::Outcome::Delivered;
  });
}

bool IsAccountedFor(const Came& came) {
  return std::ranges::all_of(came.envelope.recipients, [&](const mail::Recipient& recipient) {
    const auto& sender = came.envelope.sender;
    if (recipient.ends.empty()) return IsAccountedFor(came, sender, recipient.notify, recipient.result);
    return std::ranges::all_of(recipient.ends, [&](const mail::End& end) {
      return IsAccountedFor(came, end.sender, recipient.notify, end.result);
    });
  });
}

const std::optional<mail::DeliveryResult> kOutcomes[] = {
    {}, mail::Deferred("4.0.0", "later"), mail::Failed("5.0.0", "no"), mail::Delivered("2.0.0", "ok")};

// Calls @p check with each thing that a recipient of its own or with an end can come to.
template <typename Check>
void ForEachOutcome(const std::string& address, Check check) {
  for (const auto& result : kOutcomes) {
    for (const auto* const notify : {"", "NEVER"}) {
      mail::Recipient recipient;
      recipient.address = address;
      recipient.result = result;
      recipient.notify = notify;
      check(recipient);
      for (const auto* const sender : {"", "owner@example.org"}) {
        recipient.ends = {{"remote x@x", "x@x", sender, result}};
        check(recipient);
      }
    }
  }
}

TEST(Settlement, RemovesOnlyWhatSomebodyHas) {
  Settled s;
  s.settings.queue.lifetime = 10000h;
  const auto plain = s.envelope;
  unsigned removals = 0;
  unsigned held = 0;
  const auto check = [&](const std::string& sender, const mail::Recipient& first,
                         const mail::Recipient& second,
                         const std::optional<mail::DeliveryResult>& postmaster) {
    s.envelope = plain;
    s.envelope.sender = sender;
    s.envelope.recipients = {first, second};
    Came came;
    for (int round = 0; round < 3; ++round) {
      for (const auto& notification : s.Report()) came.told.insert(notification.recipients.at(0).address);
      auto& last = s.envelope.recipients.back();
      if (last.address != "root" || last.IsSettled()) continue;
      last.result = postmaster;
      for (auto& end : last.ends) end.result = postmaster;
    }
    came.envelope = s.envelope;
    const auto next = queue::Settlement::WhatNext(s.envelope);
    removals += next == Next::Removal;
    held += next == Next::Hold;
    EXPECT_EQ(next == Next::Removal, IsAccountedFor(came)) << s.envelope.ToText();
    if (next != Next::Hold) return;
    queue::Settlement::Hold(s.envelope);
    EXPECT_NE(s.envelope.held, "");
    queue::Settlement::Release(s.envelope);
    EXPECT_EQ(queue::Settlement::WhatNext(s.envelope), Next::Attempt);
  };
  mail::Recipient other;
  other.address = "carol";
  for (const auto* const sender : {"", "alice@example.org"})
    for (const auto& postmaster : kOutcomes)
      ForEachOutcome("bob", [&](const auto& first) {
        for (const auto& result : kOutcomes) {
          other.result = result;
          check(sender, first, other, postmaster);
        }
        ForEachOutcome("root", [&](const auto& second) { check(sender, first, second, postmaster); });
      });
  EXPECT_GT(removals, 500u);
  EXPECT_GT(held, 50u);
}

TEST(Settlement, ReportsEndsToWhoSentThem) {
  Settled s;
  const auto failed = mail::Failed("5.1.1", "no");
  s.envelope.recipients[0].ends = {{"remote a@x", "a@x", "owner-list@host.example.org", failed},
                                   {"remote b@x", "b@x", "owner-list@host.example.org", failed},
                                   {"remote c@x", "c@x", s.envelope.sender, failed},
                                   {"remote d@x", "d@x", s.envelope.sender, mail::Delivered("2.0.0", "ok")}};
  s.envelope.recipients[0].result = failed;
  const auto notifications = s.Report();
  ASSERT_EQ(notifications.size(), 2u);
  EXPECT_EQ(notifications[0].recipients.at(0).address, "owner-list@host.example.org");
  EXPECT_EQ(notifications[1].recipients.at(0).address, s.envelope.sender);
  EXPECT_TRUE(s.Report().empty());
}

// What an earlier run has queued and not been able to note.
TEST(Settlement, FindsTheReportOfAnEarlierRun) {
  Settled s;
  s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
  const auto first = s.Report();
  auto earlier = s.envelope;
  earlier.bounce = first.at(0).id;
  earlier.recipients[0].reported = false;
  s.envelope = earlier;
  const auto again = s.Report();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].id, first[0].id);
  EXPECT_EQ(again[0].message_size, first[0].message_size);
  EXPECT_FALSE(s.envelope.bounce);
  EXPECT_EQ(LoadAll(s.queue).envelopes.size(), 2u);
}

TEST(Settlement, ReportsNothingUntilTheIdOfTheReportIsStored) {
  Settled s;
  s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
  std::optional<mail::QueueId> stored;
  s.world.store.on_call = [&](FakeStore::Call call, const mail::QueueId& id) {
    if (call != FakeStore::Call::Add) return;
    const auto reading = s.queue.Read(s.envelope.id);
    stored = std::get<mail::Envelope>(reading).bounce;
    EXPECT_EQ(stored, id);
  };
  EXPECT_EQ(s.Report().size(), 1u);
  EXPECT_TRUE(stored);
}

TEST(Settlement, ExpiresTheEndsOfARecipientAndThenItself) {
  Settled s;
  s.envelope.recipients[0].result = mail::Deferred("4.4.1", "refused");
  s.envelope.recipients[0].ends = {{"remote a@x", "a@x", "", mail::Delivered("2.0.0", "ok")},
                                   {"remote b@x", "b@x", "", mail::Deferred("4.4.1", "refused")},
                                   {"remote c@x", "c@x", "", std::nullopt}};
  s.settlement.Expire(s.envelope, s.now + std::chrono::years(1));
  const auto& recipient = s.envelope.recipients[0];
  EXPECT_TRUE(recipient.IsSettled());
  EXPECT_EQ(recipient.ends[0].result->outcome, mail::Outcome::Delivered);
  for (std::size_t i = 1; i < 3; ++i) EXPECT_EQ(recipient.ends[i].result->status, "5.4.7") << i;
}

// What knows of a bounce is concluded first; what doesn't is attempted and fails again.
void ReportAsAStartDoes(FakeEnvironment& world, const mail::QueueId& id) {
  const auto environment = world.Get();
  queue::MessageLog log(world.log, world.clock);
  const queue::Settlement settlement(environment, world.settings.settings, log);
  for (auto& envelope : LoadAll(world.queue).envelopes) {
    if (envelope.id != id) continue;
    if (!envelope.bounce) envelope.recipients[0].result = mail::Failed("5.1.1", "no");
    while (settlement.Report(envelope, world.clock.Now(), [](const auto&) {})) continue;
    world.queue.Remove(id);
  }
}

// The states "failed, not reported" and "reported" of ARCHITECTURE.md.
TEST(Settlement, ReportsOnceWhereverItIsKilled) {
  const auto places = ForEachPlaceToDie([](unsigned stop) {
    Settled s;
    s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
    const bool ended = EndsBeforeKilledAt(stop, [&] {
      static_cast<void>(s.Report());
      s.queue.Remove(s.envelope.id);
    });
    ReportAsAStartDoes(s.world, s.envelope.id);
    const auto left = LoadAll(s.queue).envelopes;
    EXPECT_EQ(left.size(), 1u) << "killed at " << stop;
    EXPECT_TRUE(std::ranges::all_of(left, [](const auto& envelope) { return envelope.sender.empty(); }));
    return ended;
  });
  EXPECT_GT(places, 30u);
}

// Once at least: a removal is not synced, so that what was reported may be in the queue again.
TEST(Settlement, ReportsOnceWhereverThePowerFails) {
  for (const auto rule : kRulesOfDrops)
    for (unsigned stop = 1, has_ended = 0; !has_ended; ++stop)
      for (unsigned seed = 0; seed < 3; ++seed) {
        SCOPED_TRACE("stopped at call " + std::to_string(stop) + ", seed " + std::to_string(seed));
        SimulatedSpool spool(rule, seed);
        const auto open = [&](SimulatedProcess& process) {
          return std::make_unique<spool::Queue>(spool.disk.OpenDirectory("/spool/queue"), process);
        };
        mail::QueueId id;
        {
          SimulatedProcess process(spool.disk, ::geteuid(), SimulatedSpool::kGroup);
          Settled s(open(process));
          id = s.envelope.id;
          spool.disk.WriteBack();
          s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
          process.StopAt(stop);
          try {
            static_cast<void>(s.Report());
            s.queue.Remove(id);
          } catch (const std::system_error&) {
            EXPECT_TRUE(process.IsStopped());
          }
          has_ended = !process.IsStopped();
          spool.disk.CutPower();
        }
        SimulatedProcess process(spool.disk, ::geteuid(), SimulatedSpool::kGroup);
        FakeEnvironment next(open(process));
        next.random = 100;  // a notification that is made anew gets another ID
        ReportAsAStartDoes(next, id);
        const auto left = LoadAll(next.queue).envelopes;
        const auto is_notice = [](const auto& envelope) { return envelope.sender.empty(); };
        EXPECT_EQ(std::ranges::count_if(left, is_notice), 1);
      }
}

}  // namespace
