// SPDX-License-Identifier: BSD-2-Clause
#include "mail/logical_line.hxx"

#include <gtest/gtest.h>

using mail::JoinedLine;
using mail::LogicalLine;
using mail::LogicalLineReader;

TEST(LogicalLineReader, JoinsWhatBeginsWithABlank) {
  struct Line {
    std::string raw;
    unsigned number;
    bool operator==(const Line&) const = default;
  };
  const struct {
    const char* text;
    std::vector<Line> lines;
  } cases[] = {
      {"", {}},
      {"\n \n#x\n  # y", {}},
      {"a", {{"a", 1}}},
      {"a\nb\n", {{"a", 1}, {"b", 2}}},
      {"a\r\n b\r\n", {{"a\r\n b", 1}}},
      {"a\n b\n\tc\nd", {{"a\n b\n\tc", 1}, {"d", 4}}},
      {"a\n# x\n\n b\n# y\nc", {{"a\n# x\n\n b", 1}, {"c", 6}}},
      {"\n\n a", {{" a", 3}}},
      {"a\r", {{"a", 1}}},
  };
  for (const auto& one : cases) {
    std::vector<Line> lines;
    LogicalLineReader reader(one.text);
    while (const auto line = reader.Next()) lines.push_back({std::string(line->raw), line->number});
    EXPECT_EQ(lines, one.lines) << testing::PrintToString(one.text);
  }
}

TEST(LogicalLineReader, CountsFromTheFirstLine) {
  LogicalLineReader reader("a\nb", 7);
  EXPECT_EQ(reader.Next()->number, 7U);
  EXPECT_EQ(reader.Next()->number, 8U);
  EXPECT_FALSE(reader.Next());
}

TEST(JoinedLine, KnowsWhereEachPartStands) {
  const JoinedLine line({"ab\r\n# x\n cd\n\n e", 5});
  EXPECT_EQ(line.Text(), "ab cd e");
  const unsigned numbers[] = {5, 5, 7, 7, 7, 9, 9, 9};
  const std::size_t ends[] = {2, 2, 5, 5, 5, 7, 7, 7};
  for (std::size_t offset = 0; offset < std::size(numbers); ++offset) {
    EXPECT_EQ(line.NumberAt(offset), numbers[offset]) << offset;
    EXPECT_EQ(line.EndOfLineAt(offset), ends[offset]) << offset;
  }
}
