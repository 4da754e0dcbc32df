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
