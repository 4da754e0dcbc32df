// SPDX-License-Identifier: BSD-2-Clause
#include "config/address_rule.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using config::NormaliseAddressRule;
using config::RulesFor;
using testing::ElementsAre;

TEST(AddressRule, HasOneSpelling) {
  const struct {
    const char* text;
    const char* rule;  // empty: none
  } cases[] = {
      {"Alice@Work.Example", "alice@work.example"},
      {"@Work.example", "work.example"},
      {"work.example", "work.example"},
      {".Work.example", ".work.example"},
      {"b\xc3\xbc.example", "b\xc3\xbc.example"},
      {"\"a b\"@work.example", "\"a b\"@work.example"},
      {"<>", "<>"},
      {"", ""},
      {"@", ""},
      {".", ""},
      {"alice@", ""},
      {"a..b", ""},
      {"a/b", ""},
      {"\xff.example", ""},
  };
  for (const auto& [text, rule] : cases) EXPECT_EQ(NormaliseAddressRule(text).value_or(""), rule) << text;
}

TEST(AddressRule, AnAddressFulfilsTheMostSpecificOneFirst) {
  EXPECT_THAT(RulesFor({"Alice", "A.Work.Example"}),
              ElementsAre("alice@a.work.example", "a.work.example", ".work.example", ".example"));
  EXPECT_THAT(RulesFor({"alice", "[192.0.2.1]"}),
              ElementsAre("alice@[192.0.2.1]", "[192.0.2.1]", ".0.2.1]", ".2.1]", ".1]"));
}

TEST(AddressRule, ManyDomainsHaveALimit) {
  std::string domain = "example";
  for (int i = 0; i < 100; ++i) domain.insert(0, "a.");
  EXPECT_EQ(RulesFor({"x", domain}).size(), config::kMaxAddressRules);
}
