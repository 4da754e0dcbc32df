// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/account.hxx"

#include <gtest/gtest.h>

TEST(Account, IsNamedAfterTheDomain) {
  EXPECT_EQ(ctl::DefaultAccountName("Me@Mail.Example"), "mail.example");
  EXPECT_EQ(ctl::DefaultAccountName("\"a@b\"@mail.example"), "mail.example");
  EXPECT_EQ(ctl::DefaultAccountName("me@b\xc3\xbc.example"), "b__.example");
}

TEST(Account, HasAUrlThatKeepsThePassword) {
  const struct {
    const char* host;
    const char* url;  // empty: none
  } cases[] = {
      {"mail.example", "smtps://me@mail.example"},
      {"mail.example:4650", "smtps://me@mail.example:4650"},
      {"smtp://mail.example", "smtp+tls://me@mail.example"},
      {"smtp+tls://mail.example:587", "smtp+tls://me@mail.example:587"},
      {"smtps://other@mail.example", "smtps://me@mail.example"},
      {"smtp+notls://mail.example", ""},
      {"lmtp://mail.example", ""},
      {"mx://mail.example", ""},
      {"no host", ""},
      {"", ""},
  };
  for (const auto& [host, url] : cases) {
    std::string why;
    EXPECT_EQ(ctl::UrlFor(host, "me", why), url) << host;
    EXPECT_EQ(why.empty(), url[0] != 0) << host;
  }
}

TEST(Account, IsWrittenDown) {
  EXPECT_EQ(ctl::DropInFor({"me@mail.example", "mail", "smtps://mail@mail.example", true}),
            "# The account me@mail.example, written by mailqueuectl setup.\n"
            "[Relay]\nHost=smtps://mail@mail.example\n");
  EXPECT_EQ(ctl::DropInFor({"me@mail.example", "mail", "smtps://mail@mail.example", false}),
            "# The account me@mail.example, written by mailqueuectl setup.\n"
            "[Relay.mail]\nHost=smtps://mail@mail.example\nSenders=me@mail.example\n");
}

TEST(Account, IsAddedToWhatAUserHas) {
  const ctl::Account account{"me@mail.example", "mail", "smtps://mail@mail.example"};
  auto for_all = account;
  for_all.for_all = true;
  const std::string alone = ctl::DropInFor(for_all);
  EXPECT_EQ(ctl::AddAccount("", account), alone);
  EXPECT_EQ(ctl::AddAccount("# mine", account), "# mine\n\n" + alone);
  EXPECT_EQ(ctl::AddAccount("[Relay]\nHelo=a.example\n", account), "[Relay]\nHelo=a.example\n\n" + alone);
  for (const std::string text : {"[Relay]\nHost=other.example\n", "[Relay]\nHost=ftp://other.example\n"})
    EXPECT_EQ(ctl::AddAccount(text, account), text + "\n" + ctl::DropInFor(account));
  for (const std::string text :
       {"[Relay.mail]\nSenders=me@mail.example\n", "[Relay]\nHost=smtps://mail@mail.example\n"})
    EXPECT_EQ(ctl::AddAccount(text, account), text);
}
