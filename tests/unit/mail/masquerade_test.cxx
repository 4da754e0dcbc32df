// SPDX-License-Identifier: BSD-2-Clause
#include "mail/masquerade.hxx"

#include "mail/address.hxx"
#include "mail/address_list.hxx"

#include <gtest/gtest.h>

#include <random>

namespace {

bool IsLocal(std::string_view domain) {
  return domain.empty() || domain == "host" || domain == "host.example";
}

}  // namespace

TEST(Masquerade, ReplacesWhatTheSpecNames) {
  const struct {
    const char* address;
    const char* spec;
    const char* masked;
  } cases[] = {
      {"alice@host", "example.org", "alice@example.org"},
      {"alice", "example.org", "alice@example.org"},
      {"alice@host.example", "me@", "me@host.example"},
      {"alice", "me@", "me"},
      {"alice@host", "me@example.org", "me@example.org"},
      {"\"a b\"@host", "example.org", "\"a b\"@example.org"},
      {"alice@host", "\"m e\"@", "\"m e\"@host"},
      {"alice@other", "me@example.org", "alice@other"},
      {"alice@sub.host", "example.org", "alice@sub.host"},
      {"", "me@example.org", ""},
      {"alice@host", "", "alice@host"},
      {"no address <", "example.org", "no address <"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(mail::Masquerade(one.address, one.spec, IsLocal), one.masked) << one.address << " " << one.spec;
}

TEST(MasqueradeAddressList, LeavesNamesAndComments) {
  const struct {
    const char* text;
    const char* spec;
    const char* masked;
  } cases[] = {
      {" alice@host\n", "example.org", " alice@example.org\n"},
      {" Alice <alice@host> (at work)\n", "me@example.org", " Alice <me@example.org> (at work)\n"},
      {" \"L, Alice\"\n <alice>\n", "me@example.org", " \"L, Alice\"\n <me@example.org>\n"},
      {"alice (Alice)", "example.org", "alice@example.org (Alice)"},
      {"alice (a) @ (b) host (c)", "me@example.org", "me (a) @ (b) example.org (c)"},
      {"a@host, b@other, c", "x.org", "a@x.org, b@other, c@x.org"},
      {"team: a@host, b;", "me@", "team: me@host, me;"},
      {"=?utf-8?Q?host?= <\"a b\"@host>", "x.org", "=?utf-8?Q?host?= <\"a b\"@x.org>"},
      {"John Smith", "x.org", "John Smith"},
      {"a@host, broken@, b@host", "x.org", "a@x.org, broken@, b@x.org"},
      {"a@host, <b@host, c@host", "x.org", "a@x.org, <b@x.org, c@x.org"},
      {"", "x.org", ""},
      {"a@host", "", "a@host"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(mail::MasqueradeAddressList(one.text, one.spec, IsLocal), one.masked) << one.text;
}

// Whatever stands in the field: those addresses change that Masquerade changes, and nothing else.
TEST(MasqueradeAddressList, IsMasqueradeOfEachAddress) {
  static const char* const kFragments[] = {"a", "b c", "@", "host", "other", "<",       ">", ",",
                                           ";", ":",   "(", ")",    "\"",    "\\",      " ", "\n ",
                                           ".", "[",   "]", "=?",   "?=",    "\xc3\xbc"};
  std::mt19937 random(20240101);
  for (int round = 0; round < 8000; ++round) {
    std::string text;
    for (auto count = random() % 12; count > 0; --count) text += kFragments[random() % std::size(kFragments)];
    for (const char* spec : {"x.org", "me@", "me@x.org"}) {
      const auto before = mail::ParseAddressList(text);
      const auto after = mail::ParseAddressList(mail::MasqueradeAddressList(text, spec, IsLocal));
      ASSERT_EQ(before.mailboxes.size(), after.mailboxes.size()) << text;
      ASSERT_EQ(before.malformed.size(), after.malformed.size()) << text;
      for (std::size_t i = 0; i < after.mailboxes.size(); ++i)
        ASSERT_EQ(after.mailboxes[i].address, mail::Masquerade(before.mailboxes[i].address, spec, IsLocal))
            << text;
    }
  }
}
