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

TEST(AddressList, TakesASeparatorForAMissingBracket) {
  EXPECT_EQ(Addresses("Bob <bob@x, carol@y, \"D\" <d@z>"), (Strings{"bob@x", "carol@y", "d@z"}));
  EXPECT_EQ(Addresses("Bob <bob@x; carol@y"), (Strings{"bob@x", "carol@y"}));
  EXPECT_EQ(Addresses("<@a,@b:c@d>, e@f"), (Strings{"c@d", "e@f"}));
  EXPECT_EQ(mail::ParseAddressList("<, a@x").malformed, Strings{"<, a@x"});
}

TEST(AddressList, DropsTheDotBehindADomain) {
  EXPECT_EQ(Addresses("bob@localhost., <b@x.org.>, a@b.c"), (Strings{"bob@localhost", "b@x.org", "a@b.c"}));
}

TEST(AddressList, KeepsABackslashOrRefusesIt) {
  EXPECT_EQ(Addresses("\\bob, \"AD\\\\alice\", AD\\Jane <j@x>"), (Strings{"bob", "\"AD\\\\alice\"", "j@x"}));
  for (const char* text : {"AD\\alice", "AD\\alice@x", "a@x\\y", "\\AD\\alice", "bob\\", "<AD\\alice>"}) {
    EXPECT_EQ(Addresses(text), Strings{}) << text;
    EXPECT_EQ(mail::ParseAddressList(text).malformed, Strings{text});
  }
}

const struct {
  const char* text;
  Strings addresses;
  const char* qualified;  // "d" where there is no domain
} kSeparated[] = {
    {"bob far@example.net", {"bob", "far@example.net"}, "bob@d, far@example.net"},
    {" a@x\n b@y\tc.d-e_1\n", {"a@x", "b@y", "c.d-e_1"}, " a@x,\n b@y,\tc.d-e_1@d\n"},
    {"a@x b@y, c; d e@z", {"a@x", "b@y", "c", "d", "e@z"}, "a@x, b@y, c@d; d@d, e@z"},
    {"bob carol", {}, "bob carol"},
    {"Bob Brown x@y", {}, "Bob Brown x@y"},
    {"bob x@", {}, "bob x@"},
    {"bob (x) y@z", {}, "bob (x) y@z"},
    {"\"bob\" y@z", {}, "\"bob\" y@z"},
    {"bob x@y <z@w>", {"z@w"}, "bob x@y <z@w>"},
    {"=?utf-8?Q?bob?= x@y", {}, "=?utf-8?Q?bob?= x@y"},
};

TEST(AddressList, SeparatesAtBlanksWhereAsked) {
  for (const auto& test : kSeparated) {
    Strings addresses;
    const auto list = mail::ParseAddressList(test.text, mail::Blanks::Separate);
    for (const auto& mailbox : list.mailboxes) addresses.push_back(mailbox.address);
    EXPECT_EQ(addresses, test.addresses) << test.text;
    EXPECT_EQ(list.malformed.empty(), !test.addresses.empty()) << test.text;
    EXPECT_EQ(mail::QualifyAddressList(test.text, "d", mail::Blanks::Separate), test.qualified);
  }
  EXPECT_EQ(Addresses("bob far@example.net"), Strings{});
}

TEST(ParseAddressOperand, ReadsAListAndNothingIntoAName) {
  const struct {
    const char* text;
    Strings addresses;
  } cases[] = {
      {"a@x;b@y", {"a@x", "b@y"}},
      {"bob;carol", {"bob", "carol"}},
      {"bob; carol;", {"bob", "carol"}},
      {"bob far@example.net", {"bob", "far@example.net"}},
      {"$(id)", {}},
      {"bob(x)@y", {}},
      {"bob$(id)@example.org", {}},
      {"bob, carol", {"bob", "carol"}},
      {"Bob <bob@example.org>", {"bob@example.org"}},
      {"bob (Bob)", {"bob"}},
      {"bob@example.org(Bob)", {"bob@example.org"}},
      {"friends:bob,carol;", {"bob", "carol"}},
      {"\"a;b\"@x", {"\"a;b\"@x"}},
  };
  for (const auto& [text, addresses] : cases) {
    Strings found;
    const auto list = mail::ParseAddressOperand(text);
    for (const auto& mailbox : list.mailboxes) found.push_back(mailbox.address);
    EXPECT_EQ(found, addresses) << text;
    EXPECT_EQ(list.malformed, addresses.empty() ? Strings{text} : Strings{}) << text;
  }
}

}  // namespace
