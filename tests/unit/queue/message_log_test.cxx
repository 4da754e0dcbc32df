// SPDX-License-Identifier: BSD-2-Clause
#include "queue/message_log.hxx"

#include "queue/submitters.hxx"
#include "unit/queue/fake_environment.hxx"

#include <gtest/gtest.h>

#include <syslog.h>

#include <string>

using namespace std::chrono_literals;

namespace {

const queue::BootTime kLogStart{std::chrono::hours(1)};

}  // namespace

TEST(LogShares, OneUsersBurstLeavesOthersTheirLines) {
  queue::LogShares shares;
  std::size_t alices = 0;
  for (int i = 0; i < 100000; ++i) alices += shares.MayLog(1000, kLogStart);
  EXPECT_LE(alices, queue::LogShares::kLines / 2);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(shares.MayLog(1001, kLogStart + 29s)) << i;
  for (std::size_t i = 0; i < queue::LogShares::kRootsLines; ++i)
    EXPECT_TRUE(shares.MayLog(0, kLogStart + 29s)) << i;
}

// Nobody has more lines for having more uids (subuid(5)).
TEST(LogShares, OfUidsThatNobodyKnowsAreOne) {
  queue::LogShares shares([](uid_t uid) { return uid < 100000 ? uid : queue::Submitters::kUnknown; });
  std::size_t unknown = 0;
  for (uid_t uid = 100000; uid < 165536; ++uid) unknown += shares.MayLog(uid, kLogStart);
  EXPECT_LE(unknown, queue::LogShares::kLines / 2);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(shares.MayLog(1001, kLogStart)) << i;
  EXPECT_EQ(shares.TakeLeftOut(kLogStart + 30s).size(), 1U);
}

TEST(LogShares, TellsHowManyWereLeftOut) {
  queue::LogShares shares;
  std::size_t alices = 0;
  for (int i = 0; i < 100000; ++i) alices += shares.MayLog(1000, kLogStart);
  EXPECT_TRUE(shares.TakeLeftOut(kLogStart + 29s).empty());
  const auto left_out = shares.TakeLeftOut(kLogStart + 30s);
  ASSERT_EQ(left_out.size(), 1U);
  EXPECT_EQ(left_out.at(1000), 100000 - alices);
  EXPECT_TRUE(shares.MayLog(1000, kLogStart + 30s));
}

TEST(MessageLog, SaysHowManyLinesWereLeftOut) {
  FakeClock clock;
  FakeLog lines;
  queue::MessageLog log(lines, clock);
  auto envelope = MakeTestEnvelope(1);
  envelope.submitter = 1000;
  for (int i = 0; i < 100000; ++i) log.Step(LOG_INFO, envelope, "done");
  const auto written = lines.records.size();
  EXPECT_LE(written, queue::LogShares::kLines / 2);
  EXPECT_EQ(lines.records[0].text, envelope.id.ToString() + ": done");
  EXPECT_EQ(lines.records[0].fields.find("MAILQUEUE_ID")->second, envelope.id.ToString());
  clock.Advance(queue::LogShares::kPeriod);
  log.Taken(envelope);
  ASSERT_EQ(lines.records.size(), written + 2);
  EXPECT_EQ(lines.records[written].text,
            std::to_string(100000 - written) +
                " more lines about mail of uid 1000 are left out: there were too many within 30 s");
  EXPECT_NE(lines.records[written + 1].text.find(": queued, from 'alice@example.org' (uid 1000)"),
            std::string::npos);
}

TEST(ResultLog, EqualResultsShareALine) {
  FakeClock clock;
  FakeLog lines;
  queue::MessageLog log(lines, clock);
  const mail::Envelope envelope;
  {
    queue::ResultLog results(log, envelope);
    for (int i = 0; i < 1000; ++i) {
      const auto address = "user" + std::to_string(i) + "@example.net";
      results.Add(address, address, mail::Deferred("4.4.1", "connection refused"));
    }
    results.Add("bob", "bob@host", mail::Delivered("2.0.0", "there"));
  }
  for (const char* user : {"'user0@example.net'", "'user999@example.net'"})
    EXPECT_EQ(lines.Count(user), 1U) << user;
  EXPECT_LT(lines.records.size(), 20U);
  EXPECT_EQ(lines.Count("'bob' as 'bob@host': delivered 2.0.0 'there'"), 1U);
}
