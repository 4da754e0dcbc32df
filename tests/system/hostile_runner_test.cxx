// SPDX-License-Identifier: BSD-2-Clause
// What a runner that somebody has broken into can have delivered, and run: each sentence of SECURITY.md about
// it.
#include "hostile_runner.hxx"

#include "base/error.hxx"
#include "fixture.hxx"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

using namespace machine;
namespace fs = std::filesystem;

namespace {

using courier::LaunchKind;

const std::string kText = "X: y\n\n|/bin/sh -c 'touch /tmp/ran'\n";
constexpr const char* kRan = "/tmp/ran";

// A file of a user's, in their home.
class OwnFile {
 public:
  OwnFile(const std::string& user, const std::string& path, const std::string& text, unsigned mode = 0644)
      : file_(path, text, mode) {
    const auto* const entry = ::getpwnam(user.c_str());
    if (::chown(path.c_str(), entry->pw_uid, entry->pw_gid) < 0) ThrowErrno("Failed to give away", path);
  }

 private:
  SetupFile file_;
};

std::string Deliver(const std::string& user, const std::string& destination, const std::string& alias = {}) {
  auto request = HostileRunner::MakeRequest(destination, kText);
  request.alias = alias;
  return HostileRunner::AskAgent(user, request, kText).FirstResult();
}

std::string RunAsked(const std::string& user, const std::string& command, const std::string& alias = {}) {
  auto request = HostileRunner::MakeRequest(command, kText);
  request.alias = alias;
  return HostileRunner::AskCommand(user, request, kText).FirstResult();
}

}  // namespace

class BrokenIntoRunner : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    fs::remove(kRan);
  }
  ~BrokenIntoRunner() override { fs::remove(kRan); }

  static void ExpectRefused(const std::string& result, const std::string& what) {
    EXPECT_TRUE(result.starts_with("4.7.1 ")) << what << ": " << result;
  }
};

TEST_F(BrokenIntoRunner, DeliversToTheMailboxAsItMay) {
  for (const char* user : {"carol", "root"}) {
    EXPECT_TRUE(Deliver(user, "/var/mail/%u").starts_with("2.0.0 ")) << user;
    EXPECT_TRUE(Deliver(user, std::string("/var/mail/") + user).starts_with("2.0.0 ")) << user;
    EXPECT_EQ(ReadMailbox(user).size(), 2U);
  }
}

TEST_F(BrokenIntoRunner, DeliversToNoPathOfItsOwn) {
  for (const std::string path :
       {"/home/bob/.forward", "~/.forward", "~/.bashrc", "~/new/", "/tmp/file", "/var/mail/carol",
        "/var/mail/", "/var/mail/%u/", "plugin:/tmp/x.so", "/dev/shm/x"}) {
    ExpectRefused(Deliver("bob", path), path);
    auto request = HostileRunner::MakeRequest(path, kText);
    request.explain = true;
    ExpectRefused(HostileRunner::AskAgent("bob", request, kText).FirstResult(), path + ", explained");
    request.explain = false;
    request.again = request.forward = true;
    ExpectRefused(HostileRunner::AskAgent("bob", request, kText).FirstResult(), path + ", again");
  }
  EXPECT_FALSE(fs::exists("/home/bob/.forward"));
  EXPECT_FALSE(fs::exists("/home/bob/new"));
  EXPECT_FALSE(fs::exists("/var/mail/new"));
}

TEST_F(BrokenIntoRunner, DeliversToNoFileOfRoots) {
  const SetupFile profile("/root/.profile-test", "");
  const SetupFile forward("/root/.forward", "/root/.profile-test, alice\n");
  for (const char* path :
       {"/root/.profile-test", "~/.profile-test", "/etc/cron.d/x", "/root/.ssh/authorized_keys"})
    for (const char* alias : {"", "root", "log"}) ExpectRefused(Deliver("root", path, alias), path);
  EXPECT_EQ(TextOf("/root/.profile-test"), "");
}

// Also where it is the place of another user.
TEST_F(BrokenIntoRunner, DeliversToAPlaceOfAForwardFileForItsUserAlone) {
  const OwnFile forward("alice", "/home/alice/.forward", "/srv/archive-of-alice, /home/alice/archive\n");
  ExpectRefused(Deliver("bob", "/home/alice/archive"), "bob");
  ExpectRefused(Deliver("bob", "/srv/archive-of-alice"), "bob");
  EXPECT_TRUE(Deliver("alice", "/home/alice/archive").starts_with("2.0.0 "));
  EXPECT_TRUE(fs::remove("/home/alice/archive"));
}

TEST_F(BrokenIntoRunner, DeliversWithNoFieldsOfItsOwn) {
  auto request = HostileRunner::MakeRequest("/var/mail/%u", kText);
  for (const char* head :
       {"Subject: forged\n", "\nFrom nobody\n\n", "Delivered-To: a\nX: y\n", "Delivered-To: a"}) {
    request.head = head;
    ExpectRefused(HostileRunner::AskAgent("carol", request, kText).FirstResult(), head);
  }
  EXPECT_EQ(MailboxText("carol"), "");
}

TEST_F(BrokenIntoRunner, RunsNoCommandOfItsOwn) {
  const std::string command = "|/bin/touch /tmp/ran";
  for (const char* user : {"bob", "root", "mailqueue-alias", "nobody"})
    for (const char* alias : {"", "root", "none"}) ExpectRefused(RunAsked(user, command, alias), user);
  EXPECT_FALSE(fs::exists(kRan));
}

TEST_F(BrokenIntoRunner, DoesWhatAliasesSayAndNothingElseAsTheirUser) {
  const SetupFile aliases("/etc/aliases", "log: /var/mail/log, \"|/bin/touch /tmp/ran\"\nother: alice\n");
  for (const char* alias : {"", "other", "none", "mailqueue-alias"}) {
    ExpectRefused(Deliver("mailqueue-alias", "/var/mail/log", alias), alias);
    ExpectRefused(RunAsked("mailqueue-alias", "|/bin/touch /tmp/ran", alias), alias);
  }
  for (const char* path : {"/var/mail/other", "/tmp/x", "~/.forward"})
    ExpectRefused(Deliver("mailqueue-alias", path, "log"), path);
  ExpectRefused(RunAsked("mailqueue-alias", "|/bin/touch /tmp/ran /tmp/more", "log"), "another command line");
  ExpectRefused(RunAsked("alice", "|/bin/touch /tmp/ran", "log"), "as another user");
  ExpectRefused(Deliver("alice", "/var/mail/log", "log"), "as another user");
  EXPECT_FALSE(fs::exists(kRan));
  const auto ran = RunAsked("mailqueue-alias", "|/bin/touch /tmp/ran", "log");
  EXPECT_TRUE(ran.starts_with("2.0.0 ")) << ran;
  EXPECT_TRUE(fs::exists(kRan));
}

TEST_F(BrokenIntoRunner, HasNothingRunAsTheMailSystemsOwnUsers) {
  for (const char* user : {"mailqueue", "mailqueue-relay", "mailqueue-token"})
    for (const auto kind : {LaunchKind::Deliver, LaunchKind::Command}) {
      const auto launched = HostileRunner::Launch(kind, user);
      EXPECT_FALSE(launched.accepted) << user << " in " << launched.text;
    }
  EXPECT_FALSE(HostileRunner::Launch(LaunchKind::Deliver, 54321).accepted) << "nobody's uid";
}
