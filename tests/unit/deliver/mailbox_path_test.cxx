// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mailbox_path.hxx"

#include "../base/temporary_directory.hxx"

#include <gtest/gtest.h>

#include <filesystem>

namespace {

using deliver::MailboxPath;

const User kAlice{"alice", 1000, 1000, "/home/alice"};

TEST(MailboxPath, ReadsPathsAndSplitsThoseInTheHome) {
  struct Case {
    const char* destination;
    const char* root;
    const char* directory;
    const char* name;
  };
  const Case kCases[] = {
      {"/var/mail/%u", "/var/mail/", "", "alice"},
      {"/mbox", "/", "", "mbox"},
      {"/srv/%u/100%%/in", "/srv/alice/100%/", "", "in"},
      {"~/mbox", "/home/alice", "", "mbox"},
      {"~/mail/%u/in", "/home/alice", "mail/alice", "in"},
      {"/home/alice/mbox", "/home/alice", "", "mbox"},
      {"/home/%u/mail/in", "/home/alice", "mail", "in"},
      {"/home/alice2/mbox", "/home/alice2/", "", "mbox"},
      {"/home/alice", "/home/", "", "alice"},
  };
  for (const auto& expected : kCases) {
    std::string error;
    const auto path = MailboxPath::Parse(expected.destination, kAlice, error);
    ASSERT_TRUE(path) << expected.destination << ": " << error;
    EXPECT_EQ(path->root, expected.root) << expected.destination;
    EXPECT_EQ(path->directory, expected.directory) << expected.destination;
    EXPECT_EQ(path->name, expected.name) << expected.destination;
  }
}

TEST(MailboxPath, RefusesWhatNamesNoFile) {
  const char* const kDestinations[] = {
      "",           "mbox",        "~",    "~bob/mbox",    "/",           "~/",         "~/Mail/",
      "/var/mail/", "/var/mail/.", "~/..", "/var/mail/%x", "/var/mail/%", "~/../bob/x", "~/a/../../bob/x"};
  for (const auto* destination : kDestinations) {
    std::string error;
    EXPECT_FALSE(MailboxPath::Parse(destination, kAlice, error)) << destination;
    EXPECT_FALSE(error.empty()) << destination;
  }
}

TEST(MailboxPath, RefusesUserNamesThatLeadElsewhere) {
  for (const auto* name : {"", ".", "..", "a/b", "../bob"}) {
    std::string error;
    EXPECT_FALSE(MailboxPath::Parse("/var/mail/%u", {name, 1000, 1000, "/home/x"}, error)) << name;
  }
}

TEST(MailboxPath, NeedsAHomeForWhatIsInIt) {
  std::string error;
  for (const auto* home : {"", "/", "relative"}) {
    EXPECT_FALSE(MailboxPath::Parse("~/mbox", {"alice", 1000, 1000, home}, error)) << home;
    EXPECT_TRUE(MailboxPath::Parse("/var/mail/%u", {"alice", 1000, 1000, home}, error)) << home;
  }
  EXPECT_EQ(MailboxPath::Parse("~/mbox", {"alice", 1000, 1000, "/home/alice//"}, error).value().root,
            "/home/alice");
}

TEST(MailboxPath, WritesThePathThatItMeans) {
  std::string error;
  for (const auto* text : {"/mbox", "/var/mail/alice", "/home/alice/mail/in"})
    EXPECT_EQ(MailboxPath::Parse(text, kAlice, error).value().ToString(), text);
}

TEST(MailboxPath, FollowsNoLinkInTheHome) {
  const TemporaryDirectory home;
  std::filesystem::create_directory(home / "mail");
  std::filesystem::create_symlink(home / "mail", home / "link");
  const User user{"alice", 1000, 1000, home.Path()};
  EXPECT_NO_THROW(static_cast<void>(MailboxPath{home.Path(), "mail", "in", true}.OpenParent(user)));
  for (const auto* bad : {"link", "mail/../mail", "..", "none"})
    EXPECT_THROW(static_cast<void>(MailboxPath{home.Path(), bad, "in", true}.OpenParent(user)),
                 std::system_error)
        << bad;
}

}  // namespace
