// SPDX-License-Identifier: BSD-2-Clause
#include "mail/address.hxx"

#include "base/text.hxx"

#include <gtest/gtest.h>

using mail::Address;

TEST(Address, SplitsLocalPartAndDomain) {
  struct Case {
    const char* text;
    const char* local;
    const char* domain;
  };
  const Case cases[] = {
      {"user", "user", ""},
      {"user@example.org", "user", "example.org"},
      {"User+tag@Example.ORG", "User+tag", "Example.ORG"},
      {"a@b@example.org", "a@b", "example.org"},
      {"user@[192.0.2.1]", "user", "[192.0.2.1]"},
      {"user@[IPv6:2001:db8::1]", "user", "[IPv6:2001:db8::1]"},
      {"\"a b\"@example.org", "\"a b\"", "example.org"},
      {"\"a@b\"@example.org", "\"a@b\"", "example.org"},
      {"\"a\\\"@b\"@example.org", "\"a\\\"@b\"", "example.org"},
      {"\"<>\"@example.org", "\"<>\"", "example.org"},
      {"\"\"@example.org", "\"\"", "example.org"},
      {"\"only quoted\"", "\"only quoted\"", ""},
      {"user@b\xc3\xbc"
       "cher.example",
       "user",
       "b\xc3\xbc"
       "cher.example"},
      {"!#$%&'*+-/=?^_`{|}~.@x", "!#$%&'*+-/=?^_`{|}~.", "x"},
  };
  for (const auto& [text, local, domain] : cases) {
    const auto address = Address::Parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->local, local) << text;
    EXPECT_EQ(address->domain, domain) << text;
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(Address, RefusesWhatIsNone) {
  const char* cases[] = {
      "",
      "@",
      "@example.org",
      "user@",
      "a b@example.org",
      "user@exam ple.org",
      "<user@x>",
      "user@x>",
      "<user",
      "\"open@x",
      "\"open\\\"",
      "user@x\r\nRCPT TO:<y>",
      "us\ter@x",
      "user@x\x7f",
      "\"a\nb\"@x",
      "user@x ",
      " user@x",
      "\"a\\",
      // What a quoted domain could hide from a server: parameters, a second address.
      "x@\"y> NOTIFY=NEVER EVIL=<z\"",
      "x@\"y\"",
      "x@y(z)",
      "x@y,z",
      "x@y;z",
      "x@y:z",
      "x@y\\z",
      "x@.y",
      "x@y..z",
      "x@[]",
      "x@[a b]",
      "x@[a]b",
      "x@[a",
      "x@a]",
      "x@[a>]",
      "x@\xff",
  };
  for (const char* text : cases) EXPECT_FALSE(Address::Parse(text)) << Quote(text);
  EXPECT_FALSE(Address::Parse(std::string_view("us\0er@x", 7)));
}

TEST(Address, HasALimit) {
  const std::string domain = "@example.org";
  const std::string longest = std::string(Address::kMaxLength - domain.size(), 'a') + domain;
  EXPECT_TRUE(Address::Parse(longest));
  EXPECT_FALSE(Address::Parse("a" + longest));
}
