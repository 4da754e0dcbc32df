// SPDX-License-Identifier: BSD-2-Clause
#include "base/utf8.hxx"

#include <gtest/gtest.h>

using namespace std::string_literals;

TEST(Utf8, KnowsItsForms) {
  for (const auto& text : {""s, "a"s, "\0"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xef\xbf\xbf"s,
                           "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s, "gr\xc3\xbc\xc3\x9f"s}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const auto& text :
       {"\x80"s, "\xc3"s, "\xc3("s, "\xc0\xaf"s, "\xe0\x80\xaf"s, "\xed\xa0\x80"s, "\xf0\x80\x80\xaf"s,
        "\xf4\x90\x80\x80"s, "\xf8\x88\x80\x80\x80"s, "\xff"s, "a\xe2\x82"s}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
    EXPECT_TRUE(IsUtf8(ReplaceInvalidUtf8(text))) << text;
  }
}

TEST(Utf8, ReplacesOctetByOctet) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\xff\xfe z"), "a\xef\xbf\xbd\xef\xbf\xbd z");
  EXPECT_EQ(ReplaceInvalidUtf8("a\0b"s),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(ReplaceInvalidUtf8("\xc3\xbc\xc3"), "\xc3\xbc\xef\xbf\xbd");
}
