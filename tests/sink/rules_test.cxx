// SPDX-License-Identifier: BSD-2-Clause
#include "rules.hxx"

#include "base/text.hxx"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

using sink::Rule;
using sink::Rules;

TEST(Rule, RefusesWhatIsNone) {
  for (const char* line : {"", "RCPT", "RCPT x@*", "RCPT x@* no", "DROP", "RCPT DROP now", "MAIL SLOW",
                           "MAIL SLOW x", "CUT", "CUT x", "HIDE", "INJECT", "RCPT * 999 x", "RCPT * 50 x"})
    EXPECT_FALSE(Rule::Parse(line)) << Quote(line);
}

TEST(Rules, TheFirstThatFitsDecides) {
  const Rules rules({"RCPT bob@* 450 4.2.1 busy", "rcpt * 550 5.1.1 no", "DATA 451", "DOT DROP"}, "");
  EXPECT_EQ(rules.Judge("RCPT", "bob@x").reply, "450 4.2.1 busy");
  EXPECT_EQ(rules.Judge("RCPT", "BOB@x").reply, "450 4.2.1 busy");
  EXPECT_EQ(rules.Judge("RCPT", "carol@x").reply, "550 5.1.1 no");
  EXPECT_EQ(rules.Judge("DATA", "").reply, "451 as told");
  EXPECT_TRUE(rules.Judge("DOT", "a@b").drop);
  EXPECT_EQ(rules.Judge("MAIL", "bob@x").reply, "");
  EXPECT_FALSE(rules.Judge("MAIL", "bob@x").drop);
}

TEST(Rules, WaitingAddsUpAndGoesOn) {
  const Rules rules({"* SLOW 5", "RCPT b* SLOW 7", "RCPT 550 no"}, "");
  EXPECT_EQ(rules.Judge("RCPT", "bob").wait.count(), 12);
  EXPECT_EQ(rules.Judge("RCPT", "bob").reply, "550 no");
  EXPECT_EQ(rules.Judge("RCPT", "carol").wait.count(), 5);
  EXPECT_EQ(rules.Judge("MAIL", "bob").reply, "");
}

TEST(Rules, SomeAreForTheWholeConnection) {
  const Rules rules({"HIDE PIPELINING", "INJECT 250 evil", "CUT 100"}, "");
  EXPECT_TRUE(rules.Hides("pipelining"));
  EXPECT_FALSE(rules.Hides("SIZE"));
  EXPECT_EQ(rules.Injected(), "250 evil\r\n");
  EXPECT_EQ(rules.Cut(), 100U);
  EXPECT_EQ(Rules({}, "").Cut(), std::numeric_limits<std::size_t>::max());
}

TEST(Rules, AreReadAgainWhenTheFileChanges) {
  const std::string file = testing::TempDir() + "sink-rules-test";
  std::filesystem::remove(file);
  Rules rules({"MAIL 450 always"}, file);
  EXPECT_EQ(rules.Judge("RCPT", "x").reply, "");
  std::ofstream(file) << "# comment\n\nRCPT 550 now\n";
  rules.Refresh();
  EXPECT_EQ(rules.Judge("RCPT", "x").reply, "550 now");
  EXPECT_EQ(rules.Judge("MAIL", "x").reply, "450 always");
  std::filesystem::remove(file);
  rules.Refresh();
  EXPECT_EQ(rules.Judge("RCPT", "x").reply, "");
  EXPECT_THROW(Rules({"nonsense"}, ""), std::runtime_error);
}
