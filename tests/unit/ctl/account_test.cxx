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
  const auto add = [&](const std::string& text) {
    std::string why;
    auto added = ctl::AddAccount(text, "relay.conf", account, why);
    EXPECT_EQ(why, "") << text;
    return added;
  };
  const std::string alone = ctl::DropInFor(for_all);
  EXPECT_EQ(add(""), alone);
  EXPECT_EQ(add("# mine"), "# mine\n\n" + alone);
  EXPECT_EQ(add("[Relay]\nHelo=a.example\n"), "[Relay]\nHelo=a.example\n\n" + alone);
  for (const std::string text : {"[Relay]\nHost=other.example\n", "[Relay]\nHost=ftp://other.example\n"})
    EXPECT_EQ(add(text), text + "\n" + ctl::DropInFor(account));
  for (const std::string text :
       {"[Relay.mail]\nSenders=Me@mail.example\nHost=smtps://mail@mail.example\n",
        "[Relay.mail]\nSenders=mail.example\n[Relay]\nHost=smtps://mail@mail.example\n",
        "[Relay]\nHost=smtps://mail@mail.example\n"})
    EXPECT_EQ(add(text), text);
}

TEST(Account, IsNotAddedToASectionThatSaysSomethingElse) {
  const ctl::Account account{"me@mail.example", "mail", "smtps://mail@mail.example"};
  const struct {
    const char* text;
    const char* place;
  } cases[] = {
      {"[Relay.mail]\nSenders=me@mail.example\nHost=smtps://mail@other.example\n", "relay.conf:3: "},
      {"[Relay.mail]\nSenders=you@mail.example\nHost=smtps://mail@mail.example\n", "relay.conf:3: "},
      {"[Relay.mail]\nSenders=me@mail.example\nHost=:\n", "relay.conf:3: "},
      {"[Relay.mail]\nSenders=me@mail.example\n", "relay.conf:2: "},
      {"[Relay]\nHost=smtps://mail@mail.example\n[Relay.mail]\nHost=other.example\n", "relay.conf:4: "},
  };
  for (const auto& [text, place] : cases) {
    std::string why;
    EXPECT_FALSE(ctl::AddAccount(text, "relay.conf", account, why)) << text;
    EXPECT_EQ(why, place + std::string("[Relay.mail] is there already, and does not send mail of "
                                       "'me@mail.example' to smtps://mail@mail.example: edit it, or choose "
                                       "another name with --name="));
  }
}
