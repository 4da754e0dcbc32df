// SPDX-License-Identifier: BSD-2-Clause
#include "mail/queue_id.hxx"

#include <gtest/gtest.h>

using mail::QueueId;

TEST(QueueId, RoundTrips) {
  const auto id = QueueId::Make(mail::FromMicroseconds(1'700'000'000'000'000), 12345);
  EXPECT_EQ(id.View().size(), QueueId::kLength);
  EXPECT_EQ(QueueId::Parse(id.View()), id);
  EXPECT_EQ(id.ToString(), id.View());
}

TEST(QueueId, IsWrittenInCrockfordsBase32) {
  EXPECT_EQ(QueueId::Make(mail::FromMicroseconds(0), 0).View(), "0000000000000000");
  EXPECT_EQ(QueueId::Make(mail::FromMicroseconds(31), 31).View(), "000000000Z00000Z");
  EXPECT_EQ(QueueId::Make(mail::FromMicroseconds(32), 1U << 29).View(), "0000000010G00000");
  EXPECT_EQ(QueueId::Make(mail::FromMicroseconds((1LL << 50) - 1), (1U << 30) - 1).View(),
            "ZZZZZZZZZZZZZZZZ");
}

TEST(QueueId, SortsByTime) {
  const long long base = 1'700'000'000'000'000;
  auto last = QueueId::Make(mail::FromMicroseconds(base), ~0U);
  for (const long long later : {1LL, 2LL, 31LL, 32LL, 1'000'000LL, 86'400'000'000LL, 5 * 86'400'000'000LL}) {
    const auto id = QueueId::Make(mail::FromMicroseconds(base + later), 0);
    EXPECT_LT(last, id) << later;
    EXPECT_LT(last.View(), id.View()) << later;
    last = QueueId::Make(mail::FromMicroseconds(base + later), ~0U);
  }
}

TEST(QueueId, RefusesWhatIsNone) {
  for (const char* bad : {"", "0", "000000000000000", "00000000000000000", "000000000000000I",
                          "000000000000000L", "000000000000000O", "000000000000000U", "000000000000000a",
                          "../../etc/passwd", "0000000000000 00", ".000000000000000", "000000000000000\n"})
    EXPECT_EQ(QueueId::Parse(bad), std::nullopt) << bad;
  EXPECT_EQ(QueueId::Parse(std::string_view("000000000000000\0", 16)), std::nullopt);
}
