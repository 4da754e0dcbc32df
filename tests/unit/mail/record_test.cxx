// SPDX-License-Identifier: BSD-2-Clause
#include "mail/record.hxx"

#include "base/text.hxx"

#include <gtest/gtest.h>

using mail::RecordReader;
using mail::RecordWriter;

TEST(RecordWriter, WritesWhatAPersonCanRead) {
  RecordWriter writer;
  writer.Add("sender", "j\xc3\xb6rg@example.org").Add("number", -5).Add("empty", "");
  EXPECT_EQ(writer.Text(), "sender: j\xc3\xb6rg@example.org\nnumber: -5\nempty: \n");
}

TEST(RecordWriter, EscapesControlCharactersAndBackslashes) {
  RecordWriter writer;
  writer.Add("key", std::string_view("a\nb\\c\0d\x7f\t", 9));
  EXPECT_EQ(writer.Text(), "key: a\\x0ab\\x5cc\\x00d\\x7f\\x09\n");
}

TEST(RecordWriter, CutsAValueToWhatItTakes) {
  const struct {
    const char* value;
    std::size_t size;
    const char* cut;
  } cases[] = {{"abc", 3, "abc"},   {"abc", 2, "ab"},     {"abc", 0, ""},
               {"a\\b", 6, "a\\b"}, {"a\\b", 5, "a\\"},   {"a\\b", 4, "a"},
               {"a\nb", 5, "a\n"},  {"\xc3\xbcx", 1, ""}, {"\xc3\xbcx", 2, "\xc3\xbc"}};
  for (const auto& c : cases)
    EXPECT_EQ(mail::CutValue(c.value, c.size), c.cut) << c.value << " to " << c.size;
}

TEST(RecordReader, ReadsEveryOctetThatTheWriterWrote) {
  std::string value;
  for (int octet = 0; octet < 256; ++octet) value += static_cast<char>(octet);
  for (const std::string& text : {value, std::string(), std::string(": "), std::string("a: b"),
                                  std::string(" x "), std::string("\\x41"), std::string("\n")}) {
    RecordWriter writer;
    writer.Add("key-1", text).Add("next", "x");
    RecordReader reader(writer.Text());
    const auto field = reader.Next();
    ASSERT_TRUE(field) << Quote(text);
    EXPECT_EQ(field->key, "key-1");
    EXPECT_EQ(field->value, text) << Quote(text);
    EXPECT_EQ(reader.Next()->key, "next");
    EXPECT_FALSE(reader.Next());
    EXPECT_FALSE(reader.Bad());
  }
}

TEST(RecordReader, EmptyTextHasNoFieldAndIsNotBad) {
  RecordReader reader("");
  EXPECT_FALSE(reader.Next());
  EXPECT_FALSE(reader.Bad());
}

TEST(RecordReader, EndsAtAMalformedLine) {
  const char* lines[] = {
      "\n",           "key\n",      "key:\n",        "key:value\n",     ": value\n",
      "Key: value\n", "a key: x\n", " key: x\n",     "key : x\n",       "key_1: x\n",
      "key: x",       "key: \\\n",  "key: \\x\n",    "key: \\x4\n",     "key: \\xG0\n",
      "key: \\x4A\n", "key: \\n\n", "key: a\\\\b\n", "k\xc3\xa4y: x\n",
  };
  for (const char* line : lines) {
    const std::string text =
        "good: 1\n" + std::string(line) + (std::string_view(line).ends_with('\n') ? "more: 2\n" : "");
    RecordReader reader(text);
    EXPECT_TRUE(reader.Next()) << Quote(line);
    EXPECT_FALSE(reader.Bad()) << Quote(line);
    EXPECT_FALSE(reader.Next()) << Quote(line);
    EXPECT_TRUE(reader.Bad()) << Quote(line);
    EXPECT_FALSE(reader.Next()) << Quote(line);
    EXPECT_TRUE(reader.Bad()) << Quote(line);
  }
}

TEST(RecordReader, DoesNotReadAnEscapeOverTheEndOfTheLine) {
  RecordReader reader("key: \\x4\n1: x\n");
  EXPECT_FALSE(reader.Next());
  EXPECT_TRUE(reader.Bad());
}
