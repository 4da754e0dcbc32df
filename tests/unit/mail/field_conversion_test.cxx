// SPDX-License-Identifier: BSD-2-Clause
#include "mail/field_conversion.hxx"

#include "unit/mail/mime_decoder.hxx"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using mail::ConvertField;

struct FieldCase {
  std::string field, converted;
};

TEST(ConvertField, LeavesGoodFieldsAlone) {
  for (const auto& field : std::vector<std::string>{
           "Subject: plain\n", "Subject: two\r\n lines\r\n", "X: " + std::string(994, 'x') + "\n",
           "From me\n", "Subject:\n", "nonsense", "Subject: =?utf-8?Q?gr=C3=BC=C3=9F?=\n"}) {
    EXPECT_EQ(ConvertField(field, false), field);
    EXPECT_EQ(ConvertField(field, true), field);
  }
  EXPECT_EQ(ConvertField("Subject: gr\xc3\xbc\xc3\x9f\n", false), "Subject: gr\xc3\xbc\xc3\x9f\n");
}

TEST(ConvertField, EncodesTextAndNames) {
  const FieldCase cases[] = {
      {"Subject: gr\xc3\xbc\xc3\x9f\n", "Subject: =?utf-8?Q?gr=C3=BC=C3=9F?=\n"},
      {"Subject: one \xc3\xbc \xc3\xa4 two\n", "Subject: one =?utf-8?Q?=C3=BC_=C3=A4?= two\n"},
      {"Subject: \xc3\xbc\n \xc3\xa4\n", "Subject: =?utf-8?Q?=C3=BC_=C3=A4?=\n"},
      {"X-Note: \xfc\n", "X-Note: =?unknown-8bit?Q?=FC?=\n"},
      {"Content-Description: \xc3\xbc\n", "Content-Description: =?utf-8?Q?=C3=BC?=\n"},
      {"From: J\xc3\xb6rg <j@example.org>\n", "From: =?utf-8?Q?J=C3=B6rg?= <j@example.org>\n"},
      {"To: \"J\xc3\xb6rg, M.\"<j@example.org>, plain@example.org\n",
       "To: =?utf-8?Q?J=C3=B6rg=2C_M.?= <j@example.org>, plain@example.org\n"},
      {"Cc: j@example.org (J\xc3\xb6rg \xc3\xa4), \"a\\\"b\" <x@y>\n",
       "Cc: j@example.org (=?utf-8?Q?J=C3=B6rg_=C3=A4?=), \"a\\\"b\" <x@y>\n"},
      // What encoded words have no place in stays.
      {"To: j\xc3\xb6rg@ex\xc3\xa4mple.org, <j\xc3\xb6rg@ex\xc3\xa4mple.org>\n",
       "To: j\xc3\xb6rg@ex\xc3\xa4mple.org, <j\xc3\xb6rg@ex\xc3\xa4mple.org>\n"},
      {"Message-ID: <\xc3\xb6@x>\n", "Message-ID: <\xc3\xb6@x>\n"},
      {"To: \"\xc3\xb6", "To: =?utf-8?Q?=C3=B6?="},
  };
  for (const auto& test : cases) EXPECT_EQ(ConvertField(test.field, true), test.converted);
}

TEST(ConvertField, FoldsALongText) {
  std::string text = "Subject:";
  for (int i = 0; i < 100; ++i) text += " gr\xc3\xbc\xc3\x9f und";
  const auto converted = ConvertField(text + "\n", true);
  EXPECT_EQ(FindUnfit(converted, true), "");
  std::size_t line = 0;
  for (const char c : converted) {
    line = c == '\n' ? 0 : line + 1;
    ASSERT_LE(line, 80U);
  }
}

TEST(ConvertField, ReplacesWhatMustNotBeThere) {
  EXPECT_EQ(ConvertField(std::string("Subject: a\rb\0c\r\r\n", 17), false), "Subject: a b c \r\n");
}

TEST(ConvertField, FoldsLinesThatAreTooLong) {
  std::string references = "References:";
  for (int i = 0; i < 300; ++i) references += " <" + std::to_string(i) + "@example.org>";
  const auto folded = ConvertField(references + "\n", false);
  EXPECT_EQ(FindUnfit(folded, true), "");
  std::string unfolded = folded;
  std::erase(unfolded, '\n');
  EXPECT_EQ(unfolded, references);
  for (const std::string word : {"x", "\xc3\xbc", "\xe2\x82\xac"}) {
    std::string endless = "X:";
    for (int i = 0; i < 2000; ++i) endless += word;
    EXPECT_EQ(FindUnfit(ConvertField(endless + "\n", false), false), "");
    EXPECT_EQ(FindUnfit(ConvertField(endless, false), false), "");
  }
  EXPECT_EQ(FindUnfit(ConvertField("X: " + std::string(3000, ' ') + "\n", false), false), "");
}

}  // namespace
