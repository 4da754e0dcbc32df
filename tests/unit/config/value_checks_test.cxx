// SPDX-License-Identifier: BSD-2-Clause
#include "config/value_checks.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

using namespace std::string_literals;
using testing::HasSubstr;

TEST(ValueChecks, Masquerade) {
  for (const char* good : {"example.org", "alice@", "alice@example.org", "\"a b\"@example.org", "localhost"})
    EXPECT_TRUE(config::IsMasquerade(good)) << good;
  for (const char* bad : {"", "@", "@example.org", "a b", "a b@x", "a@b@", "alice@no such", "a@b@c", "<a@b>"})
    EXPECT_FALSE(config::IsMasquerade(bad)) << bad;
}

TEST(ValueChecks, Mailbox) {
  for (const char* good : {"/var/mail/%u", "~/mbox", "~/Maildir/", "/srv/mail/%u/", "/a%%b",
                           "lmtp:/run/dovecot/lmtp", "lmtp://localhost:24", "lmtp://[::1]:2400",
                           "|/usr/bin/procmail", "|/bin/x -a 'b c'", "plugin:/usr/lib/mda.so"})
    EXPECT_EQ(config::FaultOfMailbox(good), "") << good;
  const struct {
    const char* text;
    const char* fault;
  } cases[] = {
      {"mbox", "neither an absolute path"},
      {"/", "neither an absolute path"},
      {"~/", "neither an absolute path"},
      {"~bob/x", "neither an absolute path"},
      {"/a/../b", ".."},
      {"/a/%h", "%u and %%"},
      {"lmtp:2400", "lmtp:/PATH or lmtp://HOST:PORT"},
      {"lmtp://a@host", "nobody logs in"},
      {"lmtp://host:0", "no port"},
      {"|", "no command"},
      {"|procmail", "no absolute path"},
      {"|/bin/x 'a", "not closed"},
      {"plugin:/usr/lib/mda", "ends in .so"},
      {"plugin:mda.so", "absolute path"},
      {"plugin:/usr/../mda.so", "absolute path"},
  };
  for (const auto& one : cases)
    EXPECT_THAT(config::FaultOfMailbox(one.text), HasSubstr(one.fault)) << one.text;
}

TEST(ValueChecks, ServiceUser) {
  for (const char* good : {"nobody", "mailqueue-alias", "_x", "A.b-1"})
    EXPECT_TRUE(config::IsServiceUser(good)) << good;
  for (const std::string bad : {"", "root", "0", "1a", "-x", "a b", "a/b", "a:b", "j\xc3\xb6rg"})
    EXPECT_FALSE(config::IsServiceUser(bad)) << bad;
  EXPECT_FALSE(config::IsServiceUser(std::string(257, 'a')));
}

TEST(ValueChecks, RecipientDelimiter) {
  for (const char* good : {"+", "-", "=", "#"}) EXPECT_TRUE(config::IsRecipientDelimiter(good)) << good;
  for (const char* bad : {"", "++", "a", "@", "\"", "\\", "/", ",", " ", "|", "\xc3\xb6"})
    EXPECT_FALSE(config::IsRecipientDelimiter(bad)) << bad;
}

TEST(ValueChecks, AddressPattern) {
  for (const char* good : {"a@b", "fwd+%u@example.org", "%u@%u.example", "100%%@x", "bounces"})
    EXPECT_TRUE(config::IsAddressPattern(good)) << good;
  for (const char* bad : {"", "%", "%h@x", "a b", "<a@b>", "a@", "@b"})
    EXPECT_FALSE(config::IsAddressPattern(bad)) << bad;
}

TEST(ValueChecks, IpAddress) {
  for (const char* good : {"192.0.2.1", "::1", "2001:db8::1"}) EXPECT_TRUE(config::IsIpAddress(good)) << good;
  for (const auto& bad : {""s, "192.0.2"s, "[::1]"s, "::1%lo"s, "192.0.2.1 "s, "::1\0x"s})
    EXPECT_FALSE(config::IsIpAddress(bad)) << bad;
}
