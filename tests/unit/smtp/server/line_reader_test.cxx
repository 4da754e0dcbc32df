// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/server/line_reader.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using smtp::server::LineReader;

// The lines that the pieces have, each with "!" if it ended in CR LF, or "long".
std::vector<std::string> LinesOf(const std::vector<std::string>& pieces, std::size_t limit) {
  LineReader reader(limit);
  std::vector<std::string> lines;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      piece.remove_prefix(reader.Take(piece));
      if (!reader.IsComplete()) continue;
      lines.push_back(reader.IsTooLong() ? "long"
                                         : std::string(reader.Line()) + (reader.EndedInCrLf() ? "!" : ""));
    }
  }
  return lines;
}

TEST(LineReader, FindsLinesHoweverTheOctetsArrive) {
  const std::string text = "one\r\ntwo\nthr\ree\r\n\r\n\nunfinished";
  for (std::size_t at = 0; at <= text.size(); ++at)
    EXPECT_THAT(LinesOf({text.substr(0, at), text.substr(at)}, 10),
                testing::ElementsAre("one!", "two", "thr\ree!", "!", ""))
        << at;
}

TEST(LineReader, KeepsNothingOfALongLine) {
  EXPECT_THAT(LinesOf({std::string(50000, 'x'), "x\r\nnext\r\n"}, 1000),
              testing::ElementsAre("long", "next!"));
  EXPECT_THAT(LinesOf({"12345\n1234\r\n12345\r\n"}, 5), testing::ElementsAre("12345", "1234!", "long"));
}

TEST(LineReader, LeavesWhatFollowsTheLine) {
  LineReader reader(100);
  EXPECT_EQ(reader.Take("DATA\r\ntext"), 6u);
  EXPECT_TRUE(reader.IsComplete());
  EXPECT_EQ(reader.Line(), "DATA");
}

}  // namespace
