// SPDX-License-Identifier: BSD-2-Clause
#include "mail/delivery_result.hxx"

#include <gtest/gtest.h>

using mail::Outcome;

TEST(DeliveryResult, OutcomesHaveNamesBothWays) {
  for (const auto outcome : {Outcome::Delivered, Outcome::Deferred, Outcome::Failed})
    EXPECT_EQ(mail::ParseOutcome(mail::ToString(outcome)), outcome);
  EXPECT_EQ(mail::ParseOutcome(""), std::nullopt);
  EXPECT_EQ(mail::ParseOutcome("Delivered"), std::nullopt);
  EXPECT_EQ(mail::ParseOutcome("delivered "), std::nullopt);
}

TEST(DeliveryResult, IsDeferredUntilSaidOtherwise) {
  const mail::DeliveryResult result;
  EXPECT_EQ(result.outcome, Outcome::Deferred);
  EXPECT_EQ(result.status, "4.0.0");
}

TEST(DeliveryResult, IsMadeByTheNameOfItsOutcome) {
  EXPECT_EQ(mail::Delivered("2.0.0", "a").outcome, Outcome::Delivered);
  EXPECT_EQ(mail::Deferred("4.2.1", "a").outcome, Outcome::Deferred);
  const auto failed = mail::Failed("5.1.1", "no such user");
  EXPECT_EQ(failed.outcome, Outcome::Failed);
  EXPECT_EQ(failed.status, "5.1.1");
  EXPECT_EQ(failed.text, "no such user");
  EXPECT_EQ(failed.remote, "");
}

TEST(DeliveryResult, KnowsEnhancedStatusCodes) {
  for (const char* good : {"2.0.0", "4.2.1", "5.1.1", "5.123.456", "2.1.5"})
    EXPECT_TRUE(mail::IsEnhancedStatus(good)) << good;
  for (const char* bad :
       {"", "2", "2.0", "2.0.", "2..0", ".0.0", "1.0.0", "3.0.0", "6.0.0", "22.0.0", "2.0.1234", "2.1234.0",
        "2.0.0.0", "2.0.0 ", " 2.0.0", "2.a.0", "2.-1.0", "5.1.1\n", "2,0.0"})
    EXPECT_FALSE(mail::IsEnhancedStatus(bad)) << bad;
}
