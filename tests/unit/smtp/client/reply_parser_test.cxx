// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/reply.hxx"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using smtp::Reply;
using smtp::ReplyParser;

std::vector<Reply> ParseAll(ReplyParser& parser, std::string_view octets) {
  parser.Feed(octets);
  std::vector<Reply> replies;
  while (auto reply = parser.Next()) replies.push_back(std::move(*reply));
  return replies;
}

TEST(ReplyParser, ReadsLinesOfEachShape) {
  struct Case {
    std::string input;
    int code;
    std::vector<std::string> lines;
  };
  const Case cases[] = {
      {"250 ok\r\n", 250, {"ok"}},
      {"250 ok\n", 250, {"ok"}},
      {"250\r\n", 250, {""}},
      {"250 \r\n", 250, {""}},
      {"599 x\r\n", 599, {"x"}},
      {"250-one\r\n250-\r\n250 three\r\n", 250, {"one", "", "three"}},
      {"250-one\r\n250\r\n", 250, {"one", ""}},
      {std::string("250 a\0b\r\n", 9), 250, {std::string("a\0b", 3)}},
  };
  for (const auto& test : cases) {
    ReplyParser parser;
    const auto replies = ParseAll(parser, test.input);
    ASSERT_EQ(replies.size(), 1U) << test.input;
    EXPECT_EQ(replies[0].code, test.code) << test.input;
    EXPECT_EQ(replies[0].lines, test.lines) << test.input;
    EXPECT_TRUE(parser.Empty()) << test.input;
  }
}

TEST(ReplyParser, RefusesWhatIsNoReply) {
  for (const std::string input :
       {"\r\n", "25\r\n", "2500\r\n", "250ok\r\n", "250\tok\r\n", "199 x\r\n", "600 x\r\n", "abc x\r\n",
        "-25 x\r\n", "+250 x\r\n", "250-a\r\n251 b\r\n", "250-a\r\n\r\n"}) {
    ReplyParser parser;
    EXPECT_TRUE(ParseAll(parser, input).empty()) << input;
    EXPECT_TRUE(parser.Bad()) << input;
    EXPECT_FALSE(parser.Error().empty()) << input;
  }
}

TEST(ReplyParser, KeepsStateOnIncompleteLine) {
  const std::string input = "250-one\r\n250 two\r\n354 go\r\n";
  ReplyParser parser;
  std::vector<Reply> replies;
  for (const char c : input)
    for (auto& reply : ParseAll(parser, {&c, 1})) replies.push_back(std::move(reply));
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0].lines, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(replies[1].code, 354);
}

TEST(ReplyParser, GivesRepliesOneAtATime) {
  ReplyParser parser;
  parser.Feed("250 one\r\n550 two\r\n35");
  EXPECT_EQ(parser.Next().value().code, 250);
  EXPECT_FALSE(parser.Empty());
  EXPECT_EQ(parser.Next().value().code, 550);
  EXPECT_FALSE(parser.Next());
  EXPECT_FALSE(parser.Empty());
}

TEST(ReplyParser, NoticesAReplyThatIsBegun) {
  ReplyParser parser;
  EXPECT_TRUE(ParseAll(parser, "250-one\r\n").empty());
  EXPECT_FALSE(parser.Empty());
}

TEST(ReplyParser, BoundsALine) {
  ReplyParser parser;
  const std::string block(4096, 'x');
  EXPECT_TRUE(ParseAll(parser, "250 ").empty());
  for (std::size_t size = 0; size < ReplyParser::kMaxLine; size += block.size()) {
    EXPECT_FALSE(parser.Bad()) << size;
    EXPECT_TRUE(ParseAll(parser, block).empty());
  }
  EXPECT_TRUE(parser.Bad());
}

TEST(ReplyParser, BoundsAReply) {
  ReplyParser parser;
  std::size_t lines = 0;
  while (!parser.Bad() && lines < ReplyParser::kMaxReply) {
    EXPECT_TRUE(ParseAll(parser, "250-\r\n").empty());
    ++lines;
  }
  EXPECT_TRUE(parser.Bad());
  EXPECT_GT(lines, 1000U);
}

TEST(Reply, FindsItsEnhancedStatus) {
  const std::pair<Reply, std::string> cases[] = {
      {{550, {"5.1.1 no"}}, "5.1.1"}, {{550, {"5.1.1"}}, "5.1.1"},     {{550, {"4.1.1 no"}}, ""},
      {{550, {"5.1.1no"}}, ""},       {{550, {"5.1.1234 no"}}, ""},    {{250, {"2.1.5 ok"}}, "2.1.5"},
      {{354, {"3.0.0 go"}}, ""},      {{550, {"no", "5.1.1 no"}}, ""}, {{550, {""}}, ""},
  };
  for (const auto& [reply, status] : cases) EXPECT_EQ(reply.EnhancedStatus(), status) << reply.ToString();
}

TEST(Reply, IsShownOnOneShortLine) {
  EXPECT_EQ((Reply{550, {"5.1.1 one", "5.1.1 two", "", "5.1.1"}}).ToString(), "550 5.1.1 one two");
  EXPECT_EQ((Reply{550, {"a\r\x1b[2Jb\xff"}}).ToString(), "550 a\\x0d\\x1b[2Jb\\xff");
  EXPECT_LE((Reply{550, {std::string(10000, '\n')}}).ToString().size(), Reply::kMaxShown);
  EXPECT_LE((Reply{550, std::vector<std::string>(1000, "text")}).ToString().size(), Reply::kMaxShown);
}

}  // namespace
