// SPDX-License-Identifier: BSD-2-Clause
#include "table/text_entries.hxx"

#include "table/table.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace table {

void PrintTo(const TextEntry& entry, std::ostream* stream) {
  *stream << testing::PrintToString(entry.key) << " " << testing::PrintToString(entry.value) << " "
          << entry.line << " " << entry.value_line;
}

}  // namespace table

using table::ParseTextEntries;
using table::TextEntries;
using table::TextEntry;
using testing::HasSubstr;

TEST(ParseTextEntries, ReadsTheLinesOfAliases) {
  const struct {
    const char* text;
    std::vector<TextEntry> entries;
  } cases[] = {
      {"", {}},
      {"# nobody: here\n\n   # root: x\n", {}},
      {"root: alice", {{"root", "alice", 1, 1}}},
      {"root:alice\r\n", {{"root", "alice", 1, 1}}},
      {"Root : alice, bob\n", {{"root", "alice, bob", 1, 1}}},
      {"alice@Example.org\tbob", {{"alice@example.org", "bob", 1, 1}}},
      {"@example.org  bob  ", {{"@example.org", "bob", 1, 1}}},
      {"*: bob", {{"*", "bob", 1, 1}}},
      {"list: :include:/x", {{"list", ":include:/x", 1, 1}}},
      {"list::include:/x", {{"list", ":include:/x", 1, 1}}},
      {"list :include:/x", {{"list", ":include:/x", 1, 1}}},
      {"x: \"|/cmd a: b\"", {{"x", "\"|/cmd a: b\"", 1, 1}}},
      {"\"a b\": c", {{"a b", "c", 1, 1}}},
      {"\"a:b \\\"c\\\\\": d", {{"a:b \"c\\", "d", 1, 1}}},
      {"\"a b\"@x: c", {{"\"a b\"@x", "c", 1, 1}}},
      {"a: b,\n c\n# d\n\te\nf: g", {{"a", "b,\n c\n# d\n\te", 1, 1}, {"f", "g", 5, 5}}},
      {"a:\n\n b", {{"a", "b", 1, 3}}},
      {"a:\r\n # x\r\n b\r\nc d\r\n", {{"a", "# x\r\n b", 1, 2}, {"c", "d", 4, 4}}},
      {"b: 1\na: 2\n", {{"a", "2", 2, 2}, {"b", "1", 1, 1}}},
      {"\xef\xbb\xbfroot: alice", {{"root", "alice", 1, 1}}},
      {"j\xf6rg: x", {{"j\xf6rg", "x", 1, 1}}},
  };
  for (const auto& one : cases) {
    const auto result = ParseTextEntries(one.text);
    EXPECT_EQ(result.entries, one.entries) << testing::PrintToString(one.text);
    for (const auto& fault : result.faults) ADD_FAILURE() << fault.line << ": " << fault.text;
  }
}

TEST(ParseTextEntries, ABadLineLeavesTheOthers) {
  const struct {
    std::string text;
    unsigned line;
    const char* fault;
  } cases[] = {
      {"  x: y\n", 1, "a line that begins with a blank continues another"},
      {"\nx\n", 2, "'x' has nothing behind it; write NAME: VALUE"},
      {"x:\n", 1, "'x' has nothing behind it"},
      {"x: # nothing\n", 0, ""},
      {"\"x: y\n", 1, "'\"x: y' has a double quote that is not closed"},
      {": y\n", 1, "'' can't be a name"},
      {"\"\": y\n", 1, "can't be a name"},
      {std::string("a\0b: y\n", 7), 1, "'a\\x00b' can't be a name"},
      {std::string(1025, 'a') + ": y\n", 1, "can't be a name: it is empty, too long"},
      {"y: 1\n\nY: 2\n", 3, "'y' has an entry in line 1 already; that one counts"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(testing::PrintToString(one.text.substr(0, 50)));
    const auto text = one.text + "good: 1\n";
    const auto result = ParseTextEntries(text);
    ASSERT_TRUE(result.Find("good"));
    if (one.line == 0) continue;
    ASSERT_EQ(result.faults.size(), 1U);
    EXPECT_EQ(result.faults[0].line, one.line);
    EXPECT_THAT(result.faults[0].text, HasSubstr(one.fault));
  }
}

TEST(ParseTextEntries, TheFirstEntryOfAKeyCounts) {
  const auto result = ParseTextEntries("b: 1\na: 1\nB: 2\nb: 3\n");
  ASSERT_EQ(result.entries.size(), 2U);
  EXPECT_EQ(result.Find("b")->value, "1");
  EXPECT_FALSE(result.Find("c"));
  EXPECT_EQ(result.faults.size(), 2U);
}

TEST(ParseTextEntries, JunkGivesFewFaults) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "junk\n";
  const auto result = ParseTextEntries(text + "good: 1\n");
  ASSERT_EQ(result.faults.size(), TextEntries::kMaxFaults);
  EXPECT_THAT(result.faults.back().text, HasSubstr("too many faults"));
}
