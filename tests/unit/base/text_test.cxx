// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, TrimTakesWhiteSpaceOffBothEnds) {
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(Trim("a"), "a");
  EXPECT_EQ(Trim(" \t\r\n"), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(Text, SplitListLeavesOutEmptyParts) {
  EXPECT_THAT(SplitList(" a, b ,,c ,", ","), ElementsAre("a", "b", "c"));
  EXPECT_THAT(SplitList("a b,c", " ,"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(SplitList("one", ","), ElementsAre("one"));
  EXPECT_THAT(SplitList(" , ,", ","), IsEmpty());
  EXPECT_THAT(SplitList("", ","), IsEmpty());
}

TEST(Text, ToLowerChangesAsciiOnly) {
  EXPECT_EQ(ToLower("AZaz[@`{ \xc3\x84"), "azaz[@`{ \xc3\x84");
}

TEST(Text, EqualsIgnoreCase) {
  EXPECT_TRUE(EqualsIgnoreCase("Example.ORG", "eXAMPLE.org"));
  EXPECT_TRUE(EqualsIgnoreCase("", ""));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));  // differ in the bit that the letters' cases differ in
  EXPECT_FALSE(EqualsIgnoreCase("[", "{"));
}

TEST(Text, StartsWithIgnoreCase) {
  EXPECT_TRUE(StartsWithIgnoreCase("RCPT TO:<x>", "rcpt to:"));
  EXPECT_TRUE(StartsWithIgnoreCase("abc", ""));
  EXPECT_FALSE(StartsWithIgnoreCase("ab", "abc"));
}

TEST(Text, QuoteEscapesWhatATerminalOrALogMightObey) {
  EXPECT_EQ(Quote("plain text"), "'plain text'");
  EXPECT_EQ(Quote(""), "''");
  EXPECT_EQ(Quote("a'b\\c"), R"('a\x27b\x5cc')");
  EXPECT_EQ(Quote("\x1b[31m\r\n"), R"('\x1b[31m\x0d\x0a')");
  EXPECT_EQ(Quote("\x7f\xc3\xa4"), R"('\x7f\xc3\xa4')");
  EXPECT_EQ(Quote(std::string_view("\0", 1)), R"('\x00')");
}

TEST(Text, QuoteCutsAfter256Octets) {
  EXPECT_EQ(Quote(std::string(256, 'a')), "'" + std::string(256, 'a') + "'");
  EXPECT_EQ(Quote(std::string(257, 'a')), "'" + std::string(256, 'a') + "…'");
}

TEST(Text, ParseNumberTakesDigitsAndNothingElse) {
  EXPECT_EQ(ParseNumber<int>("42"), 42);
  EXPECT_EQ(ParseNumber<int>("-42"), -42);
  EXPECT_EQ(ParseNumber<unsigned>("007"), 7U);
  for (const char* bad : {"", " 1", "1 ", "+1", "1x", "0x1", "1.0", "-", "--1"})
    EXPECT_EQ(ParseNumber<int>(bad), std::nullopt) << Quote(bad);
}

TEST(Text, ParseNumberRefusesWhatDoesNotFit) {
  EXPECT_EQ(ParseNumber<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(ParseNumber<std::uint64_t>("18446744073709551616"), std::nullopt);
  EXPECT_EQ(ParseNumber<std::uint8_t>("256"), std::nullopt);
  EXPECT_EQ(ParseNumber<unsigned>("-1"), std::nullopt);
}
