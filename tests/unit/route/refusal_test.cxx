// SPDX-License-Identifier: BSD-2-Clause
#include "route/refusal.hxx"

#include <gtest/gtest.h>

TEST(Refusal, ReadsCodesInFrontOfTheText) {
  const struct {
    const char* text;
    mail::Outcome outcome;
    const char* status;
    const char* reason;
  } cases[] = {
      {"gone away", mail::Outcome::Failed, "5.1.1", "gone away"},
      {"550 gone away", mail::Outcome::Failed, "5.1.1", "gone away"},
      {"550 5.7.1 not for you", mail::Outcome::Failed, "5.7.1", "not for you"},
      {"5.2.1:disabled", mail::Outcome::Failed, "5.2.1", "disabled"},
      {"450 later", mail::Outcome::Deferred, "4.1.1", "later"},
      {"4.2.1 on holiday", mail::Outcome::Deferred, "4.2.1", "on holiday"},
      {"nouser gone away", mail::Outcome::Failed, "5.1.1", "gone away"},
      {"TempFail later", mail::Outcome::Deferred, "4.3.0", "later"},
      {"unavailable", mail::Outcome::Failed, "5.1.1", "unavailable"},
      {"", mail::Outcome::Failed, "5.1.1", "mail to this address is not taken"},
      {"550", mail::Outcome::Failed, "5.1.1", "mail to this address is not taken"},
      {"55 apples", mail::Outcome::Failed, "5.1.1", "55 apples"},
      {"250 2.0.0 fine", mail::Outcome::Failed, "5.1.1", "250 2.0.0 fine"},
  };
  for (const auto& c : cases) {
    const auto result = route::ParseRefusal(c.text);
    EXPECT_EQ(result.outcome, c.outcome) << c.text;
    EXPECT_EQ(result.status, c.status) << c.text;
    EXPECT_EQ(result.text, c.reason) << c.text;
  }
}
