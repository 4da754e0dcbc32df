// SPDX-License-Identifier: BSD-2-Clause
#include "spool/drop_format.hxx"

#include "base/text.hxx"

#include <gtest/gtest.h>

using spool::DropHead;
using spool::SubmitReply;

TEST(DropHead, RoundTrips) {
  const DropHead cases[] = {{0, 0}, {1, 2}, {UINT64_MAX, UINT64_MAX}};
  for (const auto& head : cases) {
    const std::string text = head.ToText();
    ASSERT_EQ(text.size(), spool::kDropHeadSize);
    EXPECT_EQ(text.back(), '\n');
    const auto parsed = DropHead::Parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->envelope_size, head.envelope_size);
    EXPECT_EQ(parsed->message_size, head.message_size);
  }
}

TEST(DropHead, IsPrintable) {
  const std::string text = DropHead{UINT64_MAX, UINT64_MAX}.ToText();
  ASSERT_EQ(text.size(), spool::kDropHeadSize);
  for (const char c : std::string_view(text).substr(0, text.size() - 1)) EXPECT_TRUE(c >= ' ' && c <= '~');
}

TEST(DropHead, KnowsTheSizes) {
  const DropHead head{100, 2000};
  EXPECT_EQ(head.FileSize(), 64U + 100 + 2000);
  EXPECT_EQ(head.StreamSize(), 64U + 100 + 2000 + 64);
}

TEST(DropHead, RefusesAnUnfinishedOne) {
  EXPECT_EQ(spool::UnfinishedHead().size(), spool::kDropHeadSize);
  EXPECT_FALSE(DropHead::Parse(spool::UnfinishedHead()));
  EXPECT_FALSE(DropHead::Parse(std::string(spool::kDropHeadSize, '\0')));
}

TEST(DropHead, RefusesAnyOtherOctetAnywhere) {
  const std::string good = DropHead{123, 456}.ToText();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char other : {'\0', ' ', '\n', 'x', '-'}) {
      std::string text = good;
      if (std::exchange(text[i], other) == other) continue;
      EXPECT_FALSE(DropHead::Parse(text)) << i << " " << Quote(text);
    }
  }
}

TEST(DropHead, RefusesAnyOtherLength) {
  const std::string good = DropHead{123, 456}.ToText();
  EXPECT_FALSE(DropHead::Parse(""));
  EXPECT_FALSE(DropHead::Parse(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(DropHead::Parse(good + "\n"));
}

TEST(SubmitReply, NamesTheSpoolThatCanNotBeWritten) {
  const auto reply = SubmitReply::NotNow("Failed to write: No space left on device");
  EXPECT_EQ(reply.status, 75);
  EXPECT_NE(reply.text.find("/mailqueue can't take the message now: Failed to write: No space"),
            reply.text.npos)
      << reply.text;
}

TEST(SubmitReply, RoundTrips) {
  for (const auto& reply :
       {SubmitReply{0, "0000000000000001"}, SubmitReply{75, "try again later"}, SubmitReply{255, ""}}) {
    const auto parsed = SubmitReply::Parse(reply.ToText());
    ASSERT_TRUE(parsed) << Quote(reply.ToText());
    EXPECT_EQ(parsed->status, reply.status);
    EXPECT_EQ(parsed->text, reply.text);
  }
}

TEST(SubmitReply, IsAFailureUntilSaidOtherwise) {
  EXPECT_EQ(SubmitReply{}.status, 75);
}

TEST(SubmitReply, RefusesAMalformedLine) {
  for (const char* line :
       {"", "\n", "0", "0\n", "0 x", " x\n", "x y\n", "-1 x\n", "256 x\n", "+0 x\n", "0x0 x\n"})
    EXPECT_FALSE(SubmitReply::Parse(line)) << Quote(line);
}
