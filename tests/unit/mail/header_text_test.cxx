// SPDX-License-Identifier: BSD-2-Clause
#include "mail/header_text.hxx"

#include "base/text.hxx"

#include <gtest/gtest.h>

namespace {

TEST(FormatDate, FollowsRfc5322) {
  const struct {
    long long seconds;
    long offset;
    const char* text;
  } cases[] = {
      {0, 0, "Thu, 1 Jan 1970 00:00:00 +0000"},
      {1704067199, 0, "Sun, 31 Dec 2023 23:59:59 +0000"},
      {1704067199, 3600, "Mon, 1 Jan 2024 00:59:59 +0100"},
      {1704067199, -12600, "Sun, 31 Dec 2023 20:29:59 -0330"},
      {1709208000, 20700, "Thu, 29 Feb 2024 17:45:00 +0545"},
      {4102444800, 0, "Fri, 1 Jan 2100 00:00:00 +0000"},
  };
  for (const auto& [seconds, offset, text] : cases)
    EXPECT_EQ(mail::FormatDate(mail::FromMicroseconds(seconds * 1000000 + 999999), offset), text);
}

TEST(FormatMailbox, QuotesAndEncodesTheName) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "a@x"},
      {"Alice Liddell", "Alice Liddell <a@x>"},
      {"R. (x) \"Q\" \\ <z>", "\"R. (x) \\\"Q\\\" \\\\ <z>\" <a@x>"},
      {"two  blanks", "\"two  blanks\" <a@x>"},
      {"a, b", "\"a, b\" <a@x>"},
      {"=?utf-8?Q?x?=", "\"=?utf-8?Q?x?=\" <a@x>"},
      {"Jörg", "=?utf-8?Q?J=C3=B6rg?=\n <a@x>"},
      {"Jörg O'Hara, MD", "=?utf-8?Q?J=C3=B6rg_O=27Hara=2C_MD?=\n <a@x>"},
      {"J\xf6rg", "=?unknown-8bit?Q?J=F6rg?=\n <a@x>"},
  };
  for (const auto& [name, text] : cases) EXPECT_EQ(mail::FormatMailbox(name, "a@x"), text) << name;
}

TEST(FormatMailbox, SplitsALongNameBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 60; ++i) name += "ü";
  const auto text = mail::FormatMailbox(name, "a@x");
  std::size_t words = 0;
  for (const auto& line : SplitList(text, "\n")) {
    EXPECT_LE(line.size(), 75U) << line;
    if (!line.starts_with("=?")) continue;
    ++words;
    EXPECT_TRUE(line.ends_with("=BC?=")) << line;  // whole characters: RFC 2047 section 5
  }
  EXPECT_GT(words, 3U);
}

}  // namespace
