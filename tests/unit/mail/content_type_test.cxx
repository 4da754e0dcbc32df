// SPDX-License-Identifier: BSD-2-Clause
#include "mail/content_type.hxx"

#include <gtest/gtest.h>

namespace {

struct TypeCase {
  std::string body, type, subtype, boundary;
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
      {" multipart/mixed; boundary=a=b", "multipart", "mixed", "a=b"},
      {" multipart/mixed; boundary", "multipart", "mixed", ""},
      {" multipart/mixed; boundary*0*=x'y; boundary*1=%41; boundary*3=no", "multipart", "mixed", "x'y%41"},
      {" multipart/mixed; boundary*0*=x''%4%41%G1; boundary*00=no; boundary*=no", "multipart", "mixed",
       "%4A%G1"},
      {" multipart/mixed; boundary=a(b)", "multipart", "mixed", "a(b) or a"},
      {" text", "text", "", ""},
      {"", "", "", ""},
      {" (((", "", "", ""},
      {" ;;;=\"\\", "", "", ""},
  };
  for (const auto& test : cases) {
    const auto content = mail::ContentType::Parse(test.body);
    EXPECT_EQ(content.type, test.type) << test.body;
    EXPECT_EQ(content.subtype, test.subtype) << test.body;
    std::string boundary;
    for (const auto& one : content.boundaries) boundary += (boundary.empty() ? "" : " or ") + one;
    EXPECT_EQ(boundary, test.boundary) << test.body;
  }
}

TEST(ParseToken, TakesTheWordAlone) {
  EXPECT_EQ(mail::ParseToken(" (why) 8BIT (not)\r\n"), "8bit");
  EXPECT_EQ(mail::ParseToken(" \"base64\" x"), "base64");
  EXPECT_EQ(mail::ParseToken(""), "");
}

}  // namespace
