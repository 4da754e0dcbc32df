// SPDX-License-Identifier: BSD-2-Clause
#include "local/permissions.hxx"

#include "../base/home_fixture.hxx"

namespace {

using local::Author;

struct PermissionsTest : HomeTest {
  std::string configuration = directory / "configuration";
  std::string aliases = directory / "aliases";
  local::Permissions permissions{user, configuration};

  PermissionsTest() {
    if (user.uid == 0) user.uid = 3000;  // root may have nothing but its mailbox
    Configure("");
  }
  void Configure(const std::string& lines) const {
    Write(configuration + "/mailqueue.conf",
          "[Local]\nAliasUser=alice\nAliases=" + aliases + "\n" + lines + "\n");
  }
  [[nodiscard]] local::Permission Judge(const std::string& destination, const std::string& alias = {},
                                        const std::string& extension = {}, const std::string& head = {}) {
    courier::Request request;
    request.destination = destination;
    request.alias = alias;
    request.extension = extension;
    request.head = head;
    return permissions.Judge(request);
  }
  [[nodiscard]] bool MayHave(const std::string& destination, const std::string& alias = {},
                             const std::string& extension = {}) {
    return std::holds_alternative<Author>(Judge(destination, alias, extension));
  }
  [[nodiscard]] std::string Why(const std::string& destination, const std::string& alias = {}) {
    const auto judged = Judge(destination, alias);
    const auto* const refused = std::get_if<mail::DeliveryResult>(&judged);
    return refused ? refused->status + " " + refused->text : std::string();
  }
};

TEST_F(PermissionsTest, GiveTheMailboxOfTheConfigurationAndNoOther) {
  for (const auto* destination : {"/var/mail/%u", "/var/mail/alice"})
    EXPECT_TRUE(MayHave(destination)) << destination;
  for (const auto* destination : {"", "/", "/var/mail/bob", "/var/mail/alice%", "/var/mail/%%u",
                                  "/var/mail/alice/", "~/x", "plugin:/x.so", "|/bin/sh"})
    EXPECT_FALSE(MayHave(destination)) << destination;
  Configure("Mailbox=~/Maildir/");
  EXPECT_TRUE(MayHave("~/Maildir/"));
  EXPECT_FALSE(MayHave("/var/mail/%u"));
  Configure("Mailbox=|/usr/bin/procmail");
  EXPECT_TRUE(MayHave("|/usr/bin/procmail"));
  EXPECT_FALSE(MayHave("|/usr/bin/procmail -x"));
  EXPECT_EQ(std::get<Author>(Judge("|/usr/bin/procmail")), Author::Administrator);
}

TEST_F(PermissionsTest, GiveWhatStandsInTheForwardFile) {
  EXPECT_FALSE(MayHave("|/bin/a x"));
  Write(".forward", "\"|/bin/a x\", ~/100%, bob\n:include:~/more\n");
  Write("more", "|/bin/b\n/srv/mail/\n");
  Write(".forward+x", "|/bin/c\n");
  for (const auto* destination : {"|/bin/a x", "~/100%%", "|/bin/b", "/srv/mail/"}) {
    const auto judged = Judge(destination);
    ASSERT_TRUE(std::holds_alternative<Author>(judged)) << destination;
    EXPECT_EQ(std::get<Author>(judged), Author::User);
  }
  EXPECT_TRUE(MayHave("|/bin/c", "", "x"));
  EXPECT_FALSE(MayHave("|/bin/a x", "", "x"));
  for (const auto* destination :
       {"|/bin/c", "|/bin/a", "|/bin/a x y", "/bin/a x", "|", "~/100%", "/srv/mail", "bob", ""})
    EXPECT_FALSE(MayHave(destination)) << destination;
}

TEST_F(PermissionsTest, FollowTheForwardFileAsItIsNow) {
  Write(".forward", "~/old\n");
  EXPECT_TRUE(MayHave("~/old"));
  Write(".forward", "~/new\n");
  EXPECT_FALSE(MayHave("~/old"));
  Write(".forward", "~/new\n", 0666);
  EXPECT_FALSE(MayHave("~/new")) << "others can write it";
}

TEST_F(PermissionsTest, GiveTheUserOfAliasesWhatTheyName) {
  Write(aliases, "log: /srv/log, \"|/bin/list a\"\nnews: :include:" + (directory / "list") + "\n");
  EXPECT_TRUE(MayHave("/srv/log", "log"));
  EXPECT_TRUE(MayHave("|/bin/list a", "log"));
  for (const auto* destination : {"/srv/other", "|/bin/list", "|/bin/sh"})
    EXPECT_FALSE(MayHave(destination, "log")) << destination;
  EXPECT_FALSE(MayHave("/srv/log")) << "no alias is named";
  EXPECT_FALSE(MayHave("/srv/log", "news")) << "another alias names it";
  EXPECT_FALSE(MayHave("/srv/log", "none"));
  Configure("[Route]\nVirtualUsers=static:shop@x.example=/srv/shop");
  EXPECT_TRUE(MayHave("/srv/shop", "shop@x.example"));
  EXPECT_FALSE(MayHave("/srv/shop", "log"));
}

TEST_F(PermissionsTest, GiveTheUserOfAliasesWhatAnIncludedFileOfRootsNames) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, whose the file is to be";
  Write(aliases, "news: :include:" + (directory / "list") + "\n");
  Write(directory / "list", ":include:" + (directory / "more") + "\n|/bin/b\n");
  Write(directory / "more", ":include:" + (directory / "list") + "\n/srv/more\n");
  EXPECT_TRUE(MayHave("|/bin/b", "news"));
  EXPECT_TRUE(MayHave("/srv/more", "news"));
  EXPECT_FALSE(MayHave("/srv/less", "news")) << "they include one another";
  ASSERT_EQ(::chown((directory / "list").c_str(), 1, 1), 0);
  EXPECT_FALSE(MayHave("|/bin/b", "news"));
  EXPECT_FALSE(MayHave("/srv/more", "news"));
}

TEST_F(PermissionsTest, GiveTheOwnerOfAnIncludedFileWhatItNames) {
  const auto owner = ::FindUser("daemon");
  if (::geteuid() != 0 || !owner) GTEST_SKIP() << "takes root, who gives files away";
  ASSERT_EQ(::chmod(directory.Path().c_str(), 0755), 0);
  Write(aliases, "news: :include:" + (directory / "list") + ", |/bin/a\n");
  Write(directory / "list", "|/bin/b\n/srv/b\n:include:" + (directory / "more") + "\n");
  Write(directory / "more", "|/bin/c\n");
  for (const auto* file : {"list", "more"})
    ASSERT_EQ(::chown((directory / file).c_str(), owner->uid, owner->gid), 0);
  EXPECT_FALSE(MayHave("|/bin/b", "news")) << "not the user of aliases";
  EXPECT_TRUE(MayHave("|/bin/a", "news"));
  user = *owner;
  EXPECT_TRUE(MayHave("|/bin/b", "news"));
  EXPECT_TRUE(MayHave("/srv/b", "news"));
  for (const auto* other : {"|/bin/a", "|/bin/c", "|/bin/sh"}) EXPECT_FALSE(MayHave(other, "news")) << other;
  ASSERT_EQ(::chmod((directory / "list").c_str(), 0646), 0);
  EXPECT_FALSE(MayHave("|/bin/b", "news"));
}

TEST_F(PermissionsTest, GiveNobodyElseWhatAliasesName) {
  Write(aliases, "log: /srv/log\n");
  Configure("AliasUser=somebody");
  EXPECT_FALSE(MayHave("/srv/log", "log"));
  EXPECT_EQ(Why("/srv/log", "log"),
            "4.7.1 Nothing is delivered to '/srv/log' as alice: only somebody does what aliases say, "
            "and the alias 'log' includes no file of alice that says so");
}

TEST_F(PermissionsTest, DeferWhereTheAliasesCanNotBeAsked) {
  Configure("Aliases=socket:" + (directory / "none"));
  EXPECT_NE(Why("/srv/log", "log").find("none"), std::string::npos);
}

TEST_F(PermissionsTest, GiveRootItsMailboxAlone) {
  user = {"root", 0, 0, home};
  Write(".forward", "|/bin/a\n~/file\n");
  Write(aliases, "log: /srv/log\n");
  EXPECT_TRUE(MayHave("/var/mail/%u"));
  for (const auto* destination : {"|/bin/a", "~/file", "/srv/log", "/root/.ssh/authorized_keys"})
    for (const auto* alias : {"", "log"}) EXPECT_FALSE(MayHave(destination, alias)) << destination;
  Configure("Mailbox=|/usr/bin/procmail");
  EXPECT_FALSE(MayHave("|/usr/bin/procmail"));
  EXPECT_TRUE(MayHave("/var/mail/%u"));
  Configure("Mailbox=~/Maildir/");
  EXPECT_TRUE(MayHave("~/Maildir/"));
}

TEST_F(PermissionsTest, TakeNoFieldsButThoseOfACopyThatWasSentOn) {
  const auto may_come_with = [this](const char* head) {
    return std::holds_alternative<Author>(Judge("/var/mail/%u", "", "", head));
  };
  EXPECT_TRUE(may_come_with("Delivered-To: a@x.example\nDelivered-To: b@x.example\n"));
  EXPECT_TRUE(
      may_come_with("Delivered-To: a@x.example\nReceived: by h (mailqueue, from userid 1) id I; D\n"));
  for (const auto* head :
       {"\n", "Delivered-To: a", "Delivered-To: a\n\nbody\n", "Subject: x\n", "Delivered-To: a\n x\n"})
    EXPECT_FALSE(may_come_with(head)) << head;
}

TEST_F(PermissionsTest, TellOfAConfigurationThatTheUserCanNotRead) {
  std::filesystem::remove(configuration + "/mailqueue.conf");
  std::filesystem::create_directories(configuration + "/mailqueue.conf");
  courier::Request request;
  request.destination = "~/Maildir/";
  const auto refused = std::get<mail::DeliveryResult>(local::Permissions(user, configuration).Judge(request));
  EXPECT_NE(refused.text.find("a file of the configuration can't be read by alice"), std::string::npos)
      << refused.text;
}

}  // namespace
