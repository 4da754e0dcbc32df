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

TEST(ConvertField, KeepsTheBlanksBesideEncodedWords) {
  EXPECT_EQ(ConvertField("Subject: =?utf-8?Q?a?= \xc3\xbc  =?utf-8?Q?b?=\n", true),
            "Subject: =?utf-8?Q?a?= =?utf-8?Q?_=C3=BC__?=  =?utf-8?Q?b?=\n");
  EXPECT_EQ(ConvertField("Subject: =?utf-8?Q?a?= b \xc3\xbc\n", true),
            "Subject: =?utf-8?Q?a?= b =?utf-8?Q?=C3=BC?=\n");
}

std::string Unfold(std::string field) {
  std::erase(field, '\n');
  return field + "\n";
}

std::string Repeat(int times, const std::string& text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(ConvertField, FoldsAtWhiteSpace) {
  for (const auto& field :
       {"References:" + Repeat(300, " <123456@example.org>"), "Subject:" + Repeat(300, " word\tx"),
        "X-Some:" + Repeat(300, " \"a; b\""),
        "To: a@b, \"" + std::string(900, 'x') + "\" <c@d>, e@f," + std::string(100, ' ') + "g@h",
        "List-Unsubscribe: <" + std::string(985, 'x') + ">",
        "Received:" + Repeat(200, " from x (y z)") + "; date"}) {
    const auto folded = ConvertField(field + "\n", false);
    EXPECT_EQ(FindUnfit(folded, true), "") << field;
    EXPECT_EQ(Unfold(folded), field + "\n");
    EXPECT_EQ(folded.find("\n\n"), folded.npos);
    EXPECT_EQ(ConvertField(folded, false), folded);
  }
}

TEST(ConvertField, FoldsBetweenTokens) {
  const FieldCase cases[] = {
      {"To: " + Repeat(60, "user42@mail.example.net,") + "last@example.net\n", ","},
      {"cc:" + Repeat(40, "\"a,b\\\",c\"<@x,@y:user42@example.net>(d,e),") + "f@g\n", "),"},
      {"References: " + Repeat(60, "<123456789012345@mail.example.net>") + "\n", ">"},
      {"Content-Type: text/plain" + Repeat(60, ";x=\"a;b c\";yyyyyyyyyyyyyy=z") + "\n", ";"},
      {"List-Post: " + Repeat(60, "<mailto:a,b@example.org?c;d>,") + "<x>\n", ">,"},
  };
  for (const auto& [field, before] : cases) {
    auto folded = ConvertField(field, false);
    EXPECT_EQ(FindUnfit(folded, true), "") << field;
    EXPECT_EQ(ConvertField(folded, true), folded);
    for (auto at = folded.find("\n "); at != folded.npos; at = folded.find("\n ")) {
      EXPECT_TRUE(folded.substr(0, at).ends_with(before)) << folded;
      folded.erase(at, 2);
    }
    EXPECT_EQ(folded, field);
  }
}

TEST(ConvertField, WritesAnEndlessWordInSeveral) {
  for (const std::string name : {"Subject", "COMMENTS", "Content-Description"}) {
    const auto converted = ConvertField(name + ": a " + std::string(1386, 'b') + " c\n", false);
    EXPECT_EQ(FindUnfit(converted, true), "");
    auto text = Unfold(converted);
    for (const std::string mark : {"?= =?utf-8?Q?", "=?utf-8?Q?", "?="})
      for (auto at = text.find(mark); at != text.npos; at = text.find(mark)) text.erase(at, mark.size());
    EXPECT_EQ(text, name + ": a " + std::string(1386, 'b') + " c\n");
  }
}

TEST(ConvertField, LeavesWhatCanNotBeFolded) {
  const std::string endless(1500, 'x');
  for (const auto& field :
       {"X-Token: " + endless, "Subject: =?utf-8?B?" + endless + "?=", "To: \"a b " + endless + "\"",
        "Content-ID: \"c; d" + endless, "List-Unsubscribe: <https://" + endless + ">",
        "DKIM-Signature: b=" + endless, "X: " + std::string(3000, ' '), endless,
        "Message-ID: <a" + endless + "@b>", "To: " + Repeat(300, "<a,b")}) {
    EXPECT_TRUE(ConvertField(field + "\n", true) == field + "\n") << field.substr(0, 40);
    EXPECT_TRUE(ConvertField(field, false) == field) << field.substr(0, 40);
  }
}

}  // namespace
