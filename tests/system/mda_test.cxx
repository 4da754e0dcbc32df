// SPDX-License-Identifier: BSD-2-Clause
// Programs that others wrote, behind local delivery: procmail, vacation, Dovecot's LMTP server.
#include "base/error.hxx"
#include "fixture.hxx"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>

using namespace machine;
namespace fs = std::filesystem;

namespace {

void Give(const std::string& path, const std::string& user) {
  const auto* const entry = ::getpwnam(user.c_str());
  if (!entry || ::lchown(path.c_str(), entry->pw_uid, entry->pw_gid) < 0)
    ThrowErrno("Failed to give away", path);
}

// A file in a user's home, their own.
class HomeFile {
 public:
  HomeFile(const std::string& user, const std::string& name, const std::string& text)
      : file_("/home/" + user + "/" + name, text, 0644) {
    Give("/home/" + user + "/" + name, user);
  }

 private:
  SetupFile file_;
};

}  // namespace

class Procmail : public SystemTest {};

TEST_F(Procmail, SortsMailOfWhoHasItInHisForwardFile) {
  const HomeFile forward("alice", ".forward", "\"|/usr/bin/procmail\"\n");
  const HomeFile rules("alice", ".procmailrc", ":0:\n* ^Subject:.*SortsMail\n/home/alice/sorted\n");
  const auto subject = MakeSubject();
  Send("root", {"alice"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty, kSoon, {"/home/alice"})) << DescribeQueue();
  EXPECT_NE(TextOf("/home/alice/sorted").find("Subject: " + subject), std::string::npos) << DescribeQueue();
  fs::remove("/home/alice/sorted");
}

TEST_F(Procmail, DeliversForEverybodyIntoMailboxesThatItMayNotMake) {
  const Configuration configuration("[Local]\nMailbox=|/usr/bin/procmail\n");
  const auto subject = MakeSubject();
  Send("root", {"alice", "bob"}, MakeMessage(subject));
  for (const char* user : {"alice", "bob"}) (void)WaitForLetter(user, subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}

class Vacation : public SystemTest {};

TEST_F(Vacation, AnswersOnceAndKeepsTheMail) {
  const HomeFile text("alice", ".vacation.msg", "Subject: away\n\nBack soon.\n");
  const HomeFile forward("alice", ".forward", "\\alice, \"|/usr/bin/vacation alice\"\n");
  const auto subject = MakeSubject();
  const std::string header = "From: bob@localhost\nTo: alice@localhost\n";
  Send("bob", {"-f", "bob@localhost", "alice"}, header + MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  EXPECT_NE(WaitForLetter("bob", "away").body.find("Back soon."), std::string::npos);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  fs::remove("/home/alice/.vacation.db");
}

class Dovecot : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    Check({"systemctl", "start", "dovecot.service"});
    ASSERT_TRUE(WaitUntil([] { return fs::exists("/run/dovecot/lmtp"); }, kSoon, {"/run/dovecot"}));
  }
  void TearDown() override {
    Check({"systemctl", "stop", "dovecot.service", "dovecot.socket"});
    SystemTest::TearDown();
  }
};

TEST_F(Dovecot, TakesTheMailOfAllUsersOverLmtp) {
  const Configuration configuration("[Local]\nMailbox=lmtp:/run/dovecot/lmtp\n");
  const HomeFile forward("carol", ".forward", "bob\n");
  const auto subject = MakeSubject();
  Send("root", {"alice", "bob", "carol"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  for (const char* user : {"alice", "bob"})
    EXPECT_EQ(FindLetters(user, subject).size(), 1U) << user << DescribeQueue();
  EXPECT_TRUE(FindLetters("carol", subject).empty());
}
