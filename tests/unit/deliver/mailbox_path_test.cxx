// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mailbox_path.hxx"

#include "../base/temporary_directory.hxx"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

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

TEST(MailboxPath, LeadsNowhereButWhereItsUserMayLead) {
  const TemporaryDirectory home;
  std::filesystem::create_directory(home / "mail");
  std::filesystem::create_symlink(home / "mail", home / "link");
  std::filesystem::create_symlink(".", home / "dot");
  const User user{"alice", ::geteuid(), ::getegid(), home.Path()};
  const auto name = [&](const char* directory, const char* last) -> std::string {
    const auto place = MailboxPath{home.Path(), directory, last, true}.Find(user);
    if (const auto* const fault = std::get_if<PathFault>(&place)) return "fault: " + fault->text;
    return std::get<PathWalk::Named>(place).name;
  };
  EXPECT_EQ(name("mail", "in"), "in");
  EXPECT_EQ(name("link", "in"), "in");
  EXPECT_EQ(name("", "link"), "mail");
  EXPECT_TRUE(name("", "dot").starts_with("fault: "));
  for (const auto* bad : {"mail/../mail", "..", "none"})
    EXPECT_THROW(static_cast<void>(MailboxPath{home.Path(), bad, "in", true}.Find(user)), std::system_error)
        << bad;
}

// A link of the user's must not lead where only group mail may go.
TEST(MailboxPath, HasItsUsersRightsBehindALinkOfTheirs) {
  const auto group = FindGroup("mail");
  if (::geteuid() != 0 || !group) GTEST_SKIP() << "takes root, and a group mail";
  const TemporaryDirectory directory;
  ASSERT_EQ(::chmod(directory.Path().c_str(), 0755), 0);
  const User user{"alice", 3000, 3000, directory / "home"};
  std::filesystem::create_directories(directory / "home");
  std::filesystem::create_directories(directory / "shut/box");
  ASSERT_EQ(::chown((directory / "shut").c_str(), 0, *group), 0);
  ASSERT_EQ(::chmod((directory / "shut").c_str(), 0770), 0);
  std::filesystem::create_symlink(directory / "shut/box", directory / "home/link");
  const MailboxPath path{directory / "home", "link", "in", true, PathWalk::Rights::Lent};
  EXPECT_TRUE(std::holds_alternative<PathWalk::Named>(path.Find(user))) << "root may open it to them";
  ASSERT_EQ(::lchown((directory / "home/link").c_str(), 3000, 3000), 0);
  EXPECT_TRUE(std::holds_alternative<PathFault>(path.Find(user)));
}

}  // namespace
