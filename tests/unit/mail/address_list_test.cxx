// SPDX-License-Identifier: BSD-2-Clause
#include "mail/address_list.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using Strings = std::vector<std::string>;

Strings Addresses(const std::string& text) {
  Strings addresses;
  for (const auto& mailbox : mail::ParseAddressList(text).mailboxes) addresses.push_back(mailbox.address);
  return addresses;
}

TEST(AddressList, FindsTheAddresses) {
  const std::pair<const char*, Strings> cases[] = {
      {"", {}},
      {" \t\n , ;,", {}},
      {"bob", {"bob"}},
      {"bob@example.net", {"bob@example.net"}},
      {"a@x,b@y , c@z", {"a@x", "b@y", "c@z"}},
      {"a@x;b@y", {"a@x", "b@y"}},
      {"Bob Builder <bob@example.net>", {"bob@example.net"}},
      {"\"Builder, Bob\" <bob@example.net>, x@y", {"bob@example.net", "x@y"}},
      {"\"B \\\" , <no@x> \" <bob@x>", {"bob@x"}},
      {"<bob@example.net>", {"bob@example.net"}},
      {"root (Cron Daemon)", {"root"}},
      {"(a (nested, \\) comment) b) a@x (c)", {"a@x"}},
      {"a @ x . org", {"a@x.org"}},
      {"a(c).b(d)@(e)x(f).org", {"a.b@x.org"}},
      {"a@x,\n\tb@y,\n c@z\n", {"a@x", "b@y", "c@z"}},
      {"Friends: a@x, Bob <b@y>;", {"a@x", "b@y"}},
      {"undisclosed-recipients:;", {}},
      {"A Group:;, b@y", {"b@y"}},
      {"One: a@x; Two: b@y;, c@z", {"a@x", "b@y", "c@z"}},
      {"\"a b\"@x", {"\"a b\"@x"}},
      {"\"bob\"@x", {"bob@x"}},
      {"\"a\\\"b\"@x", {"\"a\\\"b\"@x"}},
      {"\"@\"@x", {"\"@\"@x"}},
      {"<@a,@b.org:user@c>", {"user@c"}},
      {"Name <@relay:user@c>, d@e", {"user@c", "d@e"}},
      {"user@[192.0.2.1]", {"user@[192.0.2.1]"}},
      {"user@[ IPv6:2001:db8::1 ]", {"user@[IPv6:2001:db8::1]"}},
      {"=?utf-8?Q?M=C3=BCller,_Karl?= <k@x>", {"k@x"}},
      {"=?utf-8?B?w7w=?= =?utf-8?B?w7w=?= <k@x>", {"k@x"}},
      {"=?utf-8?Q?a,b@c?= <k@x>, l@y", {"k@x", "l@y"}},
      {"üser@exämple.net", {"üser@exämple.net"}},
      {"Jörg <j@x>", {"j@x"}},
      {"\\bob", {"bob"}},
      {"a..b.@docomo.example", {"a..b.@docomo.example"}},
      {"me@here.org <me@there.org>", {"me@there.org"}},
      {"Bob <bob@x", {"bob@x"}},
      {"bob@x (unclosed", {"bob@x"}},
      {"a+b=c!d%e@x", {"a+b=c!d%e@x"}},
      {"/tmp/file", {"/tmp/file"}},
      {"John Q. Public <jqp@x>", {"jqp@x"}},
  };
  for (const auto& [text, addresses] : cases) {
    EXPECT_EQ(Addresses(text), addresses) << text;
    EXPECT_TRUE(mail::ParseAddressList(text).malformed.empty()) << text;
  }
}

TEST(AddressList, TellsWhatIsNoAddress) {
  const std::pair<const char*, Strings> cases[] = {
      {"bob@", {"bob@"}},
      {"@example.net", {"@example.net"}},
      {"John Smith", {"John Smith"}},
      {"a@b@c", {"a@b@c"}},
      {"<>", {"<>"}},
      {"a@x, bob@ , b@y", {"bob@"}},
      {"a@x,\n bob  \r\n\t@ ,\n b@y", {"bob @"}},
      {"\"unclosed, a@x", {"\"unclosed, a@x"}},
      {":include:/etc/passwd", {":include:/etc/passwd"}},
      {"bob@\"x y\"", {"bob@\"x y\""}},
      {"[x]@y", {"[x]@y"}},
      {"Group: a@x, Inner: b@y; c@z", {"Inner: b@y"}},
  };
  for (const auto& [text, malformed] : cases)
    EXPECT_EQ(mail::ParseAddressList(text).malformed, malformed) << text;
}

TEST(AddressList, RefusesControlCharactersInAnAddress) {
  for (const auto& text : {std::string("a\0b@x", 5), std::string("a@x\x01"), std::string("\"a\x7f\"@x")})
    EXPECT_THAT(mail::ParseAddressList(text).mailboxes, testing::IsEmpty()) << text;
}

TEST(AddressList, KeepsAnAddressOnOneLineWhereItsQuotesAreFolded) {
  EXPECT_EQ(Addresses("\"a\r\n b\"@x"), Strings{"\"a b\"@x"});
}

TEST(AddressList, QualifiesBareNamesWhereTheyStand) {
  const std::pair<const char*, const char*> cases[] = {
      {"bob", "bob@d"},
      {" root (Cron Daemon)\n", " root@d (Cron Daemon)\n"},
      {"Anacron <root>", "Anacron <root@d>"},
      {"root, x@example.net,\n bob", "root@d, x@example.net,\n bob@d"},
      {"\"a b\"", "\"a b\"@d"},
      {"G: bob, a@x;", "G: bob@d, a@x;"},
      {"bob@x", "bob@x"},
      {"John Smith", "John Smith"},
      {"bob@, alice", "bob@, alice@d"},
      {"undisclosed-recipients:;", "undisclosed-recipients:;"},
      {"", ""},
  };
  for (const auto& [text, qualified] : cases)
    EXPECT_EQ(mail::QualifyAddressList(text, "d"), qualified) << text;
}

TEST(ParseAddressOperand, TakesMarksForPartOfAnAddress) {
  const struct {
    const char* text;
    std::vector<std::string> addresses;
  } cases[] = {
      {";id;", {"\";id;\""}},
      {"$(id)", {"\"$(id)\""}},
      {"alice+;id;@example.org", {"\"alice+;id;\"@example.org"}},
      {"bob, carol", {"bob", "carol"}},
      {"Bob <bob@example.org>", {"bob@example.org"}},
      {"bob (Bob)", {"bob"}},
      {"bob@example.org(Bob)", {"bob@example.org"}},
      {"friends:bob,carol;", {"bob", "carol"}},
      {"\"a;b\"@x", {"\"a;b\"@x"}},
  };
  for (const auto& [text, addresses] : cases) {
    std::vector<std::string> found;
    for (const auto& mailbox : mail::ParseAddressOperand(text).mailboxes) found.push_back(mailbox.address);
    EXPECT_EQ(found, addresses) << text;
  }
}

}  // namespace
