// SPDX-License-Identifier: BSD-2-Clause
#include "config/relay_list.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

using config::RelayList;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

RelayList Parse(const std::string& text) {
  std::string bad;
  auto list = RelayList::Parse(text, bad);
  EXPECT_EQ(bad, "") << text;
  return list;
}

}  // namespace

TEST(RelayList, RoundTrips) {
  const struct {
    const char* text;
    const char* canonical;
  } cases[] = {
      {"one.example", "smtp://one.example"},
      {"one.example, two.example", "smtp://one.example smtp://two.example"},
      {" smtps://a@one.example|lmtp:/run/x*3\ttwo.example:26 ",
       "smtps://a@one.example|lmtp:/run/x*3 smtp://two.example:26"},
      {"one.example*1|two.example*100", "smtp://one.example|smtp://two.example*100"},
      {"[2001:db8::1]|mx://example.org", "smtp://[2001:db8::1]|mx://example.org"},
      {"", ""},
  };
  for (const auto& c : cases) {
    const auto list = Parse(c.text);
    EXPECT_EQ(list.ToString(), c.canonical);
    EXPECT_EQ(Parse(list.ToString()), list);
  }
}

TEST(RelayList, LeavesOutWhatItDoesNotUnderstand) {
  const struct {
    const char* text;
    const char* bad;
    const char* rest;
  } cases[] = {
      {"gopher://a b.example", "'gopher://a' ('gopher' is no protocol", "smtp://b.example"},
      {"a.example*0", "'a.example*0' ('*0' is no weight: '*' and 1 to 100)", ""},
      {"a.example*101|b.example", "'*101' is no weight", "smtp://b.example"},
      {"a.example*|b.example", "'*' is no weight", "smtp://b.example"},
      {"a.example:99999 -", "'-' (", ""},
  };
  for (const auto& c : cases) {
    std::string bad;
    EXPECT_EQ(RelayList::Parse(c.text, bad).ToString(), c.rest) << c.text;
    EXPECT_THAT(bad, HasSubstr(c.bad)) << c.text;
  }
}

TEST(RelayList, HasALimit) {
  std::string text;
  for (std::size_t i = 0; i < RelayList::kMaxRelays + 1; ++i)
    text += "host" + std::to_string(i) + ".example ";
  std::string bad;
  EXPECT_EQ(RelayList::Parse(text, bad).groups.size(), RelayList::kMaxRelays);
  EXPECT_EQ(bad, "'host20.example' (more than 20 relays)");
}

TEST(RelayList, DrawsByWeightWithinAGroup) {
  const auto list = Parse("a*3|b c");
  std::map<std::string, int> first;
  for (unsigned lot = 0; lot < 4; ++lot) {
    const auto order = list.Draw([&](unsigned below) { return below == 4 ? lot : 0; });
    ASSERT_EQ(order.size(), 3U);
    EXPECT_EQ(order[2], "smtp://c");
    EXPECT_NE(order[0], order[1]);
    ++first[order[0]];
  }
  EXPECT_EQ(first["smtp://a"], 3);
  EXPECT_EQ(first["smtp://b"], 1);
}

TEST(RelayList, DrawsGroupsInTheirOrder) {
  EXPECT_THAT(Parse("a b c").Draw([](unsigned) { return 0U; }),
              ElementsAre("smtp://a", "smtp://b", "smtp://c"));
}
