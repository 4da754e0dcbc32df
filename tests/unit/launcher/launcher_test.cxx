// SPDX-License-Identifier: BSD-2-Clause
#include "programs/launcher/launcher.hxx"

#include "courier/packet.hxx"
#include "paths.h"

#include <gtest/gtest.h>

#include <fcntl.h>

#include <algorithm>

namespace {

using Start = bus::Manager::Start;
using courier::LaunchKind;

struct LauncherTest : testing::Test {
  std::vector<bus::TransientService> started;
  std::vector<std::string> taken_names;
  std::string name = "alice";
  std::string home = "/home/alice";
  std::pair<UniqueFd, UniqueFd> pair = courier::MakePair();
  std::vector<std::string> units;
  launcher::Launcher launcher{[this](const auto& service, FdRef) { return Record(service); },
                              [this](const auto& unit) { units.push_back(unit); },
                              [this](uid_t uid) { return LookUp(uid); }, 7};

  Start Record(const bus::TransientService& service) {
    if (std::ranges::find(taken_names, service.name) != taken_names.end()) return Start::Exists;
    started.push_back(service);
    return Start::Accepted;
  }
  std::optional<User> LookUp(uid_t uid) {
    if (uid == 4000) return std::nullopt;
    if (uid == 5000) throw std::runtime_error("the database is away");
    return User{uid == 0 ? "root" : name, uid, uid, home};
  }
  courier::LaunchReply Ask(uid_t uid, uid_t peer = 900, LaunchKind kind = LaunchKind::Deliver) {
    return launcher.Handle(courier::LaunchRequest{kind, uid, 3}.ToText(), pair.first, peer);
  }
};

TEST_F(LauncherTest, StartsTheOneProgramAsTheUser) {
  const auto reply = Ask(1000);
  EXPECT_TRUE(reply.ok) << reply.text;
  EXPECT_EQ(reply.serial, 3u);
  EXPECT_EQ(reply.text, "mailqueue-deliver-1000-7.service");
  ASSERT_EQ(started.size(), 1u);
  EXPECT_EQ(started[0].name, reply.text);
  EXPECT_EQ(started[0].user, "1000");
  EXPECT_EQ(started[0].executable, MAILQUEUE_LIBEXECDIR "/mailqueue-deliver");
  EXPECT_EQ(started[0].arguments, std::vector<std::string>{"mailqueue-deliver"});
  EXPECT_TRUE(started[0].stop_arguments.empty());
}

TEST_F(LauncherTest, StartsACommandWithItsReport) {
  EXPECT_EQ(Ask(1000, 900, LaunchKind::Command).text, "mailqueue-command-1000-7.service");
  ASSERT_EQ(started.size(), 1u);
  EXPECT_EQ(started[0].user, "1000");
  EXPECT_EQ(started[0].executable, MAILQUEUE_LIBEXECDIR "/mailqueue-command");
  EXPECT_EQ(started[0].arguments, std::vector<std::string>{"mailqueue-command"});
  EXPECT_EQ(started[0].stop_arguments, (std::vector<std::string>{"mailqueue-command", "--report"}));
  EXPECT_TRUE(started[0].bind_paths.empty()) << "its home is where it is";
}

TEST_F(LauncherTest, WatchesForAHomeThatItLooksUpItself) {
  const auto reply =
      launcher.Handle(courier::LaunchRequest{LaunchKind::AwaitHome, 1000, 3}.ToText(), FdRef(-1), 900);
  EXPECT_TRUE(reply.ok) << reply.text;
  EXPECT_EQ(units, std::vector<std::string>{"mailqueue-home@home-alice.path"});
  EXPECT_TRUE(started.empty());
  for (const auto* none : {"", "/", "relative", "/home/../etc"}) {
    home = none;
    EXPECT_FALSE(Ask(1000, 900, LaunchKind::AwaitHome).ok) << none;
  }
  EXPECT_FALSE(Ask(4000, 900, LaunchKind::AwaitHome).ok);
  EXPECT_EQ(units.size(), 1u);
}

// As systemd-escape --path has it.
TEST(NameOfHomeUnit, EscapesThePath) {
  const std::pair<const char*, const char*> kCases[] = {
      {"/home/alice", "home-alice"},         {"//home///alice/", "home-alice"},
      {"/home/a-b", "home-a\\x2db"},         {"/.hidden/.a", "\\x2ehidden-.a"},
      {"/srv/a b/%u", "srv-a\\x20b-\\x25u"}, {"/home/\xc3\xa4", "home-\\xc3\\xa4"},
      {"/a@b:c_d\\", "a\\x40b:c_d\\x5c"}};
  for (const auto& [path, instance] : kCases)
    EXPECT_EQ(launcher::NameOfHomeUnit(path), "mailqueue-home@" + std::string(instance) + ".path") << path;
  EXPECT_EQ(launcher::NameOfHomeUnit("/" + std::string(300, 'x')), "");
}

TEST_F(LauncherTest, GivesEachUnitANameOfItsOwn) {
  taken_names = {"mailqueue-deliver-1000-8.service", "mailqueue-deliver-1000-9.service"};
  EXPECT_EQ(Ask(1000).text, "mailqueue-deliver-1000-7.service");
  EXPECT_EQ(Ask(1000).text, "mailqueue-deliver-1000-10.service");
  EXPECT_EQ(Ask(1001).text, "mailqueue-deliver-1001-11.service");
}

TEST_F(LauncherTest, GivesUpWhenEveryNameIsTaken) {
  for (int i = 0; i < 1000; ++i)
    taken_names.push_back("mailqueue-deliver-1000-" + std::to_string(i) + ".service");
  EXPECT_FALSE(Ask(1000).ok);
}

TEST_F(LauncherTest, BindsTheHomeWhereThereCanBeOne) {
  const std::pair<const char*, bool> kHomes[] = {{"/home/alice", true}, {"/root", true}, {"/", false},
                                                 {"//", false},         {"", false},     {"home", false}};
  for (const auto& [name, bound] : kHomes) {
    home = name;
    started.clear();
    EXPECT_TRUE(Ask(1000).ok) << name;
    ASSERT_EQ(started.at(0).bind_paths.size(), bound ? 1u : 0u) << name;
    if (!bound) continue;
    EXPECT_EQ(started[0].bind_paths[0].source, name);
    EXPECT_EQ(started[0].bind_paths[0].destination, name);
    EXPECT_TRUE(started[0].bind_paths[0].optional) << name;
  }
}

TEST_F(LauncherTest, ServesRootAndSystemUsersButNotTheMailSystemItself) {
  EXPECT_TRUE(Ask(0).ok);
  EXPECT_TRUE(Ask(33).ok);
  EXPECT_TRUE(Ask(0, 0).ok);
  EXPECT_TRUE(Ask(900, 0).ok);
  EXPECT_FALSE(Ask(900, 900).ok);
}

TEST_F(LauncherTest, RefusesTheMailSystemsOwnUsersNowAndToCome) {
  for (const auto* own : {"mailqueue", "mailqueue-relay", "mailqueue-token", "mailqueue-to-come"}) {
    name = own;
    for (const auto kind : {LaunchKind::Deliver, LaunchKind::Command, LaunchKind::AwaitHome})
      for (const uid_t peer : {900, 0}) EXPECT_FALSE(Ask(901, peer, kind).ok) << own;
  }
  EXPECT_TRUE(started.empty() && units.empty());
  for (const auto* other : {"mailqueue-alias", "mailqueues", "mail"}) {
    name = other;
    EXPECT_TRUE(Ask(901).ok) << other;
  }
}

TEST_F(LauncherTest, RefusesAUidThatSystemdHasLent) {
  home = "/";
  EXPECT_FALSE(Ask(61184).ok);
  EXPECT_FALSE(Ask(65519).ok);
  EXPECT_TRUE(Ask(61183).ok);
  EXPECT_TRUE(Ask(65520).ok);
  home = "/home/alice";
  EXPECT_TRUE(Ask(61184).ok) << "somebody's own";
}

TEST_F(LauncherTest, RefusesWhomItDoesNotFind) {
  EXPECT_EQ(Ask(4000).text, "No user has uid 4000");
  EXPECT_EQ(Ask(5000).text, "the database is away");
  EXPECT_EQ(Ask(5000).serial, 3u);
  EXPECT_TRUE(started.empty());
}

TEST_F(LauncherTest, RefusesWhatIsNoRequest) {
  const auto reply = launcher.Handle("mailqueue-launch: 1\nkind: shell\n", pair.first, 0);
  EXPECT_FALSE(reply.ok);
  EXPECT_EQ(reply.serial, 0u);
  EXPECT_TRUE(started.empty());
}

TEST_F(LauncherTest, RefusesADescriptorThatIsNoAgentsEnd) {
  const std::string text = courier::LaunchRequest{courier::LaunchKind::Deliver, 1000, 3}.ToText();
  const UniqueFd file(::open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_FALSE(launcher.Handle(text, FdRef(-1), 900).ok);
  EXPECT_FALSE(launcher.Handle(text, file, 900).ok);
  EXPECT_TRUE(started.empty());
}

TEST_F(LauncherTest, TurnsAFaultOfTheBusIntoAReply) {
  launcher::Launcher broken([](const auto&, FdRef) -> Start { throw bus::Error("x.Y", "no bus"); },
                            [](const auto&) { throw bus::Error("x.Y", "no bus"); },
                            [this](uid_t uid) { return LookUp(uid); }, 1);
  const auto reply =
      broken.Handle(courier::LaunchRequest{courier::LaunchKind::Deliver, 1000, 3}.ToText(), pair.first, 900);
  EXPECT_FALSE(reply.ok);
  EXPECT_EQ(reply.text, "no bus");
}

}  // namespace
