// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/settlement.hxx"

#include "unit/killed_at.hxx"
#include "unit/spool/spool_directory.hxx"

#include <gtest/gtest.h>

#include <algorithm>

using namespace std::chrono_literals;

namespace {

struct Settled {
  SpoolDirectory directory;
  spool::Queue queue{directory.Open("queue"), directory.Open("corrupt")};
  config::Settings settings;
  runner::Settlement settlement{queue, settings};
  mail::Time now = mail::Now();
  mail::Envelope envelope = MakeTestEnvelope(1);

  Settled() {
    settings.mail.hostname = settings.mail.domain = "host.example.org";
    envelope.created = now;
    spool::QueueBatch batch(queue);
    batch.Add(envelope, "Subject: x\n\nbody\n");
    envelope = batch.Commit().at(0);
  }
};

TEST(Settlement, ReportsAFailureOnce) {
  Settled s;
  s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
  const auto notifications = s.settlement.Report(s.envelope, s.now);
  ASSERT_EQ(notifications.size(), 1u);
  EXPECT_EQ(notifications[0].sender, "");
  EXPECT_EQ(notifications[0].recipients.at(0).address, s.envelope.sender);
  EXPECT_TRUE(s.queue.Contains(notifications[0].id));
  EXPECT_TRUE(s.envelope.recipients[0].reported);
  EXPECT_TRUE(s.settlement.Report(s.envelope, s.now).empty());
}

TEST(Settlement, SaysNothingWhileNothingFailed) {
  Settled s;
  s.envelope.recipients[0].result = mail::Deferred("4.2.0", "later");
  EXPECT_TRUE(s.settlement.Report(s.envelope, s.now).empty());
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
  EXPECT_TRUE(s.settlement.Report(s.envelope, s.now).empty());
  ASSERT_EQ(s.envelope.recipients.size(), 2u);
  EXPECT_EQ(s.envelope.recipients[1].address, "root");
  s.envelope.recipients[1].result = mail::Failed("5.2.0", "no");
  EXPECT_TRUE(s.settlement.Report(s.envelope, s.now).empty());
  EXPECT_EQ(s.envelope.recipients.size(), 2u);
}

TEST(Settlement, ReportsEndsToWhoSentThem) {
  Settled s;
  const auto failed = mail::Failed("5.1.1", "no");
  s.envelope.recipients[0].ends = {{"remote a@x", "a@x", "owner-list@host.example.org", failed},
                                   {"remote b@x", "b@x", "owner-list@host.example.org", failed},
                                   {"remote c@x", "c@x", s.envelope.sender, failed},
                                   {"remote d@x", "d@x", s.envelope.sender, mail::Delivered("2.0.0", "ok")}};
  s.envelope.recipients[0].result = failed;
  const auto notifications = s.settlement.Report(s.envelope, s.now);
  ASSERT_EQ(notifications.size(), 2u);
  EXPECT_EQ(notifications[0].recipients.at(0).address, s.envelope.sender);
  EXPECT_EQ(notifications[1].recipients.at(0).address, "owner-list@host.example.org");
  EXPECT_TRUE(s.settlement.Report(s.envelope, s.now).empty());
}

// The states "failed, not reported" and "reported" of ARCHITECTURE.md.
TEST(Settlement, ReportsOnceWhereverItIsKilled) {
  const auto places = ForEachPlaceToDie([](unsigned stop) {
    Settled s;
    s.envelope.recipients[0].result = mail::Failed("5.1.1", "no");
    const bool ended = EndsBeforeKilledAt(stop, [&] {
      static_cast<void>(s.settlement.Report(s.envelope, s.now));
      s.queue.Remove(s.envelope.id);
    });
    // The next start: what knows of a bounce is concluded first, what doesn't is attempted and fails again.
    for (auto& envelope : s.queue.Load().envelopes) {
      if (envelope.id != s.envelope.id) continue;
      if (!envelope.bounce) envelope.recipients[0].result = mail::Failed("5.1.1", "no");
      static_cast<void>(s.settlement.Report(envelope, s.now));
      s.queue.Remove(envelope.id);
    }
    const auto left = s.queue.Load().envelopes;
    EXPECT_EQ(left.size(), 1u) << "killed at " << stop;
    EXPECT_TRUE(std::ranges::all_of(left, [](const auto& envelope) { return envelope.sender.empty(); }));
    return ended;
  });
  EXPECT_GT(places, 30u);
}

}  // namespace
