// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mboxrd_quoter.hxx"

#include "mailbox_fixture.hxx"

namespace {

struct Case {
  std::string in;
  std::string out;
};

const Case kCases[] = {
    {"", ""},
    {"\n", "\n"},
    {"a", "a\n"},
    {"a\n", "a\n"},
    {"From a\n", ">From a\n"},
    {"From ", ">From \n"},
    {"From", "From\n"},
    {"From\n", "From\n"},
    {"FromX a\n", "FromX a\n"},
    {"from a\n", "from a\n"},
    {" From a\n", " From a\n"},
    {"a From b\n", "a From b\n"},
    {">From a\n", ">>From a\n"},
    {">>>From a\n", ">>>>From a\n"},
    {"> From a\n", "> From a\n"},
    {">", ">\n"},
    {">F>From \n", ">F>From \n"},
    {"FFrom \n", "FFrom \n"},
    {"a\n\nFrom b\nFrom c\n>From d\nFro\n", "a\n\n>From b\n>From c\n>>From d\nFro\n"},
    {"a\r\nFrom b\r\n", "a\r\n>From b\r\n"},
    {std::string("\0From \n\0", 8), std::string("\0From \n\0\n", 9)},
};

std::string QuoteInParts(const std::string& text, std::size_t size) {
  StringSink sink;
  deliver::MboxrdQuoter quoter(sink);
  for (std::size_t at = 0; at < text.size(); at += size)
    EXPECT_TRUE(quoter.Put(std::string_view(text).substr(at, size)));
  EXPECT_TRUE(quoter.Finish());
  return sink.text;
}

TEST(MboxrdQuoter, QuotesWhereverTheTextIsCut) {
  for (const auto& [in, out] : kCases)
    for (std::size_t size = 1; size <= in.size() + 1; ++size)
      EXPECT_EQ(QuoteInParts(in, size), out) << testing::PrintToString(in) << " in parts of " << size;
}

TEST(MboxrdQuoter, KeepsALineOfQuotesShort) {
  const std::string quotes(1000, '>');
  EXPECT_EQ(QuoteInParts(quotes + "From x\n", 7), quotes + ">From x\n");
}

TEST(MboxrdQuoter, StopsWithItsSink) {
  struct Full : deliver::Sink {
    bool Put(std::string_view) override { return false; }
  } full;
  EXPECT_FALSE(deliver::MboxrdQuoter(full).Put("text\n"));
  EXPECT_FALSE(deliver::MboxrdQuoter(full).Put("From \n"));
  EXPECT_FALSE(deliver::MboxrdQuoter(full).Put(">>\n"));
}

}  // namespace
