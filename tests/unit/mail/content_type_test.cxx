// SPDX-License-Identifier: BSD-2-Clause
#include "mail/content_type.hxx"

#include <gtest/gtest.h>

namespace {

struct TypeCase {
  const char *body, *type, *subtype, *boundary;
};

TEST(ContentType, ReadsWhatTheStructureDependsOn) {
  const TypeCase cases[] = {
      {" text/plain; charset=utf-8\n", "text", "plain", ""},
      {" Multipart/Mixed;\n boundary=\"a b:c\"\n", "multipart", "mixed", "a b:c"},
      {" multipart/mixed; boundary=abc ; charset=x", "multipart", "mixed", "abc"},
      {" multipart/mixed (a ; comment (nested)) ; x=\"a;boundary=no\"; Boundary = \"q\\\"\\\\ \"",
       "multipart", "mixed", "q\"\\"},
      {" multipart / mixed ; boundary=a; boundary=b", "multipart", "mixed", "a"},
      {" multipart/mixed; boundary=\"unclosed", "multipart", "mixed", "unclosed"},
      {" multipart/mixed; boundary=a=b", "multipart", "mixed", "a"},
      {" multipart/mixed; boundary", "multipart", "mixed", ""},
      {" text", "", "", ""},
      {"", "", "", ""},
      {" (((", "", "", ""},
      {" ;;;=\"\\", "", "", ""},
  };
  for (const auto& test : cases) {
    const auto content = mail::ContentType::Parse(test.body);
    EXPECT_EQ(content.type, test.type) << test.body;
    EXPECT_EQ(content.subtype, test.subtype) << test.body;
    EXPECT_EQ(content.boundary, test.boundary) << test.body;
  }
}

TEST(ParseToken, TakesTheWordAlone) {
  EXPECT_EQ(mail::ParseToken(" (why) 8BIT (not)\r\n"), "8bit");
  EXPECT_EQ(mail::ParseToken(" \"base64\" x"), "base64");
  EXPECT_EQ(mail::ParseToken(""), "");
}

}  // namespace
