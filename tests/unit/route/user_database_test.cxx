// SPDX-License-Identifier: BSD-2-Clause
#include "route/user_database.hxx"

#include "base/error.hxx"
#include "temporary_directory.hxx"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <set>

namespace {

using route::LookupFailed;
using route::NoUser;
using std::chrono::minutes;

class UserDatabaseTest : public testing::Test {
 protected:
  UserDatabaseTest() { Touch(Users()); }

  [[nodiscard]] std::string Users() const { return directory.Path() + "/passwd"; }
  static void Touch(const std::string& path) { std::ofstream(path) << "x"; }
  void AddMailbox(const std::string& name) const { Touch(directory.Path() + "/" + name); }

  std::optional<User> Look(const std::string& key, uid_t uid) {
    if (on_look) on_look();
    if (failure) throw MakeErrno(failure, "Failed to look up user", key);
    if (!names.contains(key)) return std::nullopt;
    return User{key, uid, uid, "/home/" + key};
  }
  route::UserDatabase::Means Means() {
    return {[this](const std::string& name) { return Look(name, 1000); },
            [this](uid_t uid) { return Look(uid == ::geteuid() ? "runner" : "other", uid); },
            [this] { return now; },
            Users(),
            directory.Path(),
            [this] { return missing; }};
  }
  std::string Say(const std::string& name) {
    const auto found = database.Find(name);
    if (const auto* user = std::get_if<route::User>(&found)) return user->name;
    return std::holds_alternative<NoUser>(found) ? "none" : std::get<LookupFailed>(found).why;
  }

  TemporaryDirectory directory;
  std::set<std::string> names{"runner", "root", "alice"};
  int failure = 0;
  std::string missing;
  std::function<void()> on_look;
  route::UserDatabase::Clock::time_point now{};
  route::UserDatabase database{Means()};
};

TEST_F(UserDatabaseTest, KnowsWhoIsThereAndWhoIsNot) {
  EXPECT_EQ(Say("alice"), "alice");
  EXPECT_EQ(Say("nobody"), "none");
  EXPECT_TRUE(std::holds_alternative<NoUser>(database.Find(uid_t{4242})));
  EXPECT_EQ(database.Fault(), "");
}

TEST_F(UserDatabaseTest, AnErrorSaysNothingOfAUser) {
  for (const int code : {ENOENT, ESRCH, EBADF, EPERM, EIO, EMFILE, ENFILE, ENOMEM, EINTR, EACCES, EAGAIN}) {
    failure = code;
    EXPECT_EQ(Say("nobody").find("the user database does not answer: "), 0U) << code;
    EXPECT_FALSE(database.Fault().empty()) << code;
    EXPECT_TRUE(std::holds_alternative<LookupFailed>(database.Find(uid_t{4242}))) << code;
  }
  failure = 0;
  EXPECT_EQ(Say("alice"), "alice");
  EXPECT_EQ(database.Fault(), "");
}

TEST_F(UserDatabaseTest, AnEmptyDatabaseKnowsNotEvenTheWitness) {
  names = {"root"};  // nss-systemd makes that one up
  EXPECT_EQ(Say("alice").find("the user database does not answer: it does not know uid "), 0U);
  EXPECT_TRUE(std::holds_alternative<LookupFailed>(database.Find(uid_t{4242})));
  EXPECT_FALSE(database.Fault().empty());
}

TEST_F(UserDatabaseTest, AskerAndWitnessSeeTheSameFile) {
  int looks = 0;
  names = {};
  on_look = [&] {
    // Empty for the name, whole for the witness.
    if (++looks != 2) return;
    names = {"runner", "alice"};
    ::unlink(Users().c_str());
    std::ofstream(Users()) << "another one";
  };
  EXPECT_EQ(Say("alice"), "alice");
  on_look = [&] { std::ofstream(Users(), std::ios::app) << "longer and longer"; };
  EXPECT_NE(Say("nobody").find("is being changed"), std::string::npos);
}

TEST_F(UserDatabaseTest, RootAlwaysExists) {
  names = {"runner"};
  EXPECT_EQ(Say("root"), "the user database does not answer: it has no user root");
}

TEST_F(UserDatabaseTest, ANameWithAMailboxIsAskedForTwiceAnHourApart) {
  AddMailbox("bob");
  for (const auto passed : {0, 1, 58}) {
    now += minutes(passed);
    EXPECT_NE(Say("bob").find("a mailbox of that name"), std::string::npos) << passed;
  }
  EXPECT_EQ(Say("carol"), "none") << "has no mailbox";
  EXPECT_EQ(database.Fault(), "");
  now += minutes(1);
  EXPECT_EQ(Say("bob"), "none");
  names.insert("bob");
  EXPECT_EQ(Say("bob"), "bob");
  names.erase("bob");
  EXPECT_NE(Say("bob"), "none") << "was there in between";
}

TEST_F(UserDatabaseTest, AServiceThatIsNotInstalledLeavesADoubtForAnHour) {
  missing = "ldap";
  EXPECT_EQ(Say("alice"), "alice");
  for (const auto* name : {"bob", "carol"}) {
    EXPECT_NE(Say(name).find("its service 'ldap' is not installed"), std::string::npos) << Say(name);
    now += minutes(29);
  }
  now += minutes(2);
  EXPECT_EQ(Say("bob"), "none");
  missing.clear();
  EXPECT_EQ(Say("bob"), "none");
  missing = "sss";
  EXPECT_NE(Say("bob"), "none") << "all were there in between";
}

TEST_F(UserDatabaseTest, WhatIsNoNameOfAFileHasNoMailbox) {
  for (const auto* name : {"", ".", "..", "a/b", ".hidden"}) EXPECT_EQ(Say(name), "none") << name;
  EXPECT_EQ(Say(std::string(1000, 'x')), "none");
}

}  // namespace
