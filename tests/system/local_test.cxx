// SPDX-License-Identifier: BSD-2-Clause
// Local delivery: the mailbox as other programs expect it, and what keeps an agent out of it.
#include "base/error.hxx"
#include "fixture.hxx"

#include <fcntl.h>
#include <pwd.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace machine;
namespace fs = std::filesystem;

namespace {

struct stat StatusOf(const std::string& path) {
  struct stat status;
  if (::lstat(path.c_str(), &status) < 0) ThrowErrno("Failed to look at", path);
  return status;
}

uid_t UidOf(const std::string& user) {
  return ::getpwnam(user.c_str())->pw_uid;
}

void ExpectOwnMailbox(const std::string& user) {
  const auto status = StatusOf(MailboxPath(user));
  EXPECT_TRUE(S_ISREG(status.st_mode));
  EXPECT_EQ(status.st_uid, UidOf(user));
  EXPECT_TRUE((status.st_mode & 07777) == 0600 || (status.st_mode & 07777) == 0660)
      << std::oct << status.st_mode;
  EXPECT_EQ(status.st_gid, StatusOf("/var/mail").st_gid);  // the directory is root:mail 2775
}

// Of proc(5).
std::string StatusField(pid_t process, const char* name) {
  const Letter status{{}, TextOf("/proc/" + std::to_string(process) + "/status"), {}};
  return status.Field(name);
}

// 0: it has none.
pid_t AgentOf(const std::string& user) {
  const auto uid = std::to_string(UidOf(user)) + "\t";
  for (const auto& process : MailqueueProcesses())
    if (process.name == "mailqueue-deliver" && StatusField(process.pid, "Uid").starts_with(uid))
      return process.pid;
  return 0;
}

bool IsReadOnly(const std::string& path) {
  struct statvfs status;
  if (::statvfs(path.c_str(), &status) < 0) ThrowErrno("Failed to look at", path);
  return status.f_flag & ST_RDONLY;
}

std::vector<std::string> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename());
  return names;
}

}  // namespace

class Local : public SystemTest {};

TEST_F(Local, MakesAMailboxWithTheRightOwnerAndMode) {
  for (const char* user : {"alice", "bob"}) {
    const auto subject = MakeSubject();
    Send("root", {user}, MakeMessage(subject));
    (void)WaitForLetter(user, subject);
    ExpectOwnMailbox(user);
  }
}

TEST_F(Local, AddsToTheMailboxThatIsThere) {
  const std::string old = "From somebody Thu Jan  1 00:00:00 1970\nSubject: old\n\ntext without a line end";
  const SetupFile mailbox(MailboxPath("alice"), old, 0600);
  ASSERT_EQ(::chown(MailboxPath("alice").c_str(), UidOf("alice"), StatusOf("/var/mail").st_gid), 0);
  const auto subject = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  const auto letters = ReadMailbox("alice");
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].body, "text without a line end\n");
  ExpectOwnMailbox("alice");
}

TEST_F(Local, QuotesFromLinesReversibly) {
  const std::string body =
      "From here on\n>From there\n>>From everywhere\n From\nFrom\nfrom x\n\nFrom the end\n";
  const auto subject = MakeSubject();
  Send("root", {"-f", "sender@example.org", "alice"}, MakeMessage(subject, body));
  const auto letter = WaitForLetter("alice", subject);
  EXPECT_EQ(letter.body, body);
  EXPECT_TRUE(letter.separator.starts_with("From sender@example.org ")) << letter.separator;
  const auto text = MailboxText("alice");
  EXPECT_NE(text.find("\n>From here on\n>>From there\n>>>From everywhere\n"), text.npos) << text;
  EXPECT_EQ(ReadMailbox("alice").size(), 1U);
}

TEST_F(Local, DeliversToSeveralUsersAndToLocalDomains) {
  const auto subject = MakeSubject();
  Send("root", {"alice", "bob@localhost", "Carol@LOCALHOST"}, MakeMessage(subject));
  for (const char* user : {"alice", "bob", "carol"})
    EXPECT_EQ(WaitForLetter(user, subject).body, "A line.\n");
}

TEST_F(Local, DeliversToRoot) {
  const auto subject = MakeSubject();
  Send("alice", {"root"}, MakeMessage(subject));
  (void)WaitForLetter("root", subject);
  ExpectOwnMailbox("root");
}

TEST_F(Local, ShutsEachAgentIn) {
  for (const std::string user : {"alice", "root"}) {
    const auto subject = MakeSubject();
    Send("bob", {user}, MakeMessage(subject));
    (void)WaitForLetter(user, subject);
    const auto agent = AgentOf(user);
    ASSERT_GT(agent, 0) << "it stays for some seconds";
    EXPECT_EQ(StatusField(agent, "CapBnd"), "0000000000000000");
    EXPECT_EQ(StatusField(agent, "NoNewPrivs"), "1");
    EXPECT_EQ(StatusField(agent, "Seccomp"), "2");
    const auto root = "/proc/" + std::to_string(agent) + "/root";
    for (const char* name : {"/home", "/run/user"}) {
      EXPECT_EQ(StatusOf(root + name).st_uid, 0U);
      EXPECT_EQ(StatusOf(root + name).st_mode & 07777, 0755U);
    }
    for (const char* name : {"/home", "/run/user", "/etc", "/usr", "/boot"})
      EXPECT_EQ(IsReadOnly(root + name), user == "root") << name << " is root's own";
    EXPECT_FALSE(IsReadOnly(root + "/var/mail"));
    const auto own_home = user == "alice" ? std::vector<std::string>{"alice"} : std::vector<std::string>{};
    EXPECT_EQ(NamesIn(root + "/home"), own_home);
  }
}

TEST_F(Local, BouncesMailForAUserWhoIsNot) {
  const auto subject = MakeSubject();
  Send("alice", {"no-such-user"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil([] { return !MailboxText("alice").empty(); }));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  const auto letters = ReadMailbox("alice");
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_NE(letters[0].body.find("5.1.1"), std::string::npos) << letters[0].body;
}

// Locks as other mail programs take them: the agent waits for them, or tries again later.
class LockedMailbox : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    std::ofstream(path).close();
    ASSERT_EQ(::chown(path.c_str(), UidOf("alice"), StatusOf("/var/mail").st_gid), 0);
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  }
  // Sends a message, and returns when somebody has opened the mailbox to deliver it.
  void SendAndWaitForTheAgent() {
    Watch opened({path}, IN_OPEN);
    Send("bob", {"alice"}, MakeMessage(subject));
    ASSERT_TRUE(opened.Wait(Deadline(kSoon)));
  }

  const std::string path = MailboxPath("alice");
  const Configuration quick{"[Queue]\nRetryMin=1s\n"};
  const std::string subject = MakeSubject();
};

TEST_F(LockedMailbox, WaitsForAnotherProgramsFcntlLock) {
  UniqueFd held(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  ASSERT_EQ(::fcntl(held.Get(), F_OFD_SETLK, &lock), 0);
  SendAndWaitForTheAgent();
  EXPECT_EQ(MailboxText("alice"), "");
  EXPECT_FALSE(IsQueueEmpty());
  held.Close();
  EXPECT_EQ(WaitForLetter("alice", subject, std::chrono::seconds(60)).body, "A line.\n");
  EXPECT_EQ(FindLetters("alice", subject).size(), 1U);
}

TEST_F(LockedMailbox, WaitsForAnotherProgramsDotLock) {
  std::ofstream(path + ".lock") << "1\n";  // a process that lives
  SendAndWaitForTheAgent();
  EXPECT_EQ(MailboxText("alice"), "");
  EXPECT_FALSE(IsQueueEmpty());
  ASSERT_TRUE(fs::remove(path + ".lock"));
  EXPECT_EQ(WaitForLetter("alice", subject, std::chrono::seconds(60)).body, "A line.\n");
  EXPECT_TRUE(WaitUntil([this] { return !fs::exists(path + ".lock"); })) << "the agent leaves its own";
}

TEST_F(LockedMailbox, DoesNotHoldUpOtherUsers) {
  std::ofstream(path + ".lock") << "1\n";
  SendAndWaitForTheAgent();
  const auto other = MakeSubject();
  Send("bob", {"carol"}, MakeMessage(other));
  (void)WaitForLetter("carol", other);
  EXPECT_EQ(MailboxText("alice"), "");
  fs::remove(path + ".lock");
  (void)WaitForLetter("alice", subject, std::chrono::seconds(60));
}

// Mailboxes that an agent must not write to, whoever made them.
TEST_F(Local, NeedsNoHome) {
  const auto users = TextOf("/etc/passwd");
  fs::remove_all("/home/carol");
  for (const char* home : {"/home/carol", "/", "/nonexistent", "/dev/null"})
    for (const char* settings : {"", "[Local]\nMailbox=~/Maildir/\n"}) {
      SCOPED_TRACE(std::string(home) + settings);
      Check({"sed", "-i", R"(s|^\(carol:.*\):[^:]*:\([^:]*\)$|\1:)" + std::string(home) + R"(:\2|)",
             "/etc/passwd"});
      const Configuration configuration(settings);
      const auto subject = MakeSubject();
      Send("alice", {"carol"}, MakeMessage(subject));
      (void)WaitForLetter("carol", subject);
    }
  std::ofstream("/etc/passwd") << users;
  fs::create_directory("/home/carol");
  ASSERT_EQ(::chown("/home/carol", UidOf("carol"), UidOf("carol")), 0);
}

TEST_F(Local, FindsAMailboxThatItsUserHasMoved) {
  fs::create_directories("/srv/disk/box");
  for (const char* path : {"/srv/disk", "/srv/disk/box"})
    ASSERT_EQ(::chown(path, UidOf("alice"), UidOf("alice")), 0);
  fs::create_symlink("/srv/disk/box", "/home/alice/Maildir");
  ASSERT_EQ(::lchown("/home/alice/Maildir", UidOf("alice"), UidOf("alice")), 0);
  const Configuration configuration("[Local]\nMailbox=~/Maildir/\n");
  Send("bob", {"alice"}, MakeMessage(MakeSubject()));
  EXPECT_TRUE(WaitUntil([] { return fs::exists("/srv/disk/box/new") && !fs::is_empty("/srv/disk/box/new"); }))
      << DescribeQueue();
  fs::remove("/home/alice/Maildir");
  fs::remove_all("/srv/disk");
}

TEST_F(Local, LeavesUnreadMailUnread) {
  auto subject = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  const timespec times[] = {{1000, 0}, {2000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, MailboxPath("alice").c_str(), times, 0), 0);
  subject = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil([] { return StatusOf(MailboxPath("alice")).st_mtim.tv_sec > 2000; }))
      << DescribeQueue();
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_EQ(StatusOf(MailboxPath("alice")).st_atim.tv_sec, 1000);
}

TEST_F(Local, KeepsNamesOfThisMachineHere) {
  for (const char* domain : {"localhost.localdomain", "mail.localhost", "[127.0.0.1]", "[IPv6:::1]"}) {
    const auto subject = MakeSubject();
    Send("alice", {std::string("bob@") + domain}, MakeMessage(subject));
    (void)WaitForLetter("bob", subject);
  }
}

class BadMailbox : public SystemTest {
 protected:
  void ExpectDeferred() {
    const Configuration quick("[Queue]\nRetryMin=1s\n");
    const auto subject = MakeSubject();
    Send("bob", {"alice"}, MakeMessage(subject));
    ASSERT_TRUE(WaitUntil([] { return !Deferral().empty(); })) << DescribeQueue();
    fs::remove_all(MailboxPath("alice"));
    EXPECT_EQ(WaitForLetter("alice", subject).body, "A line.\n");
  }
};

TEST_F(BadMailbox, IsNotASymbolicLink) {
  const SetupFile target("/var/mail/target", "untouched\n", 0666);
  ASSERT_EQ(::chown("/var/mail/target", UidOf("alice"), StatusOf("/var/mail").st_gid), 0);
  ASSERT_EQ(::symlink("/var/mail/target", MailboxPath("alice").c_str()), 0);
  ASSERT_EQ(::lchown(MailboxPath("alice").c_str(), UidOf("alice"), static_cast<gid_t>(-1)), 0);
  ExpectDeferred();
  EXPECT_EQ(MailboxText("target"), "untouched\n");
}

TEST_F(BadMailbox, IsNotSomebodyElses) {
  const SetupFile mailbox(MailboxPath("alice"), "", 0666);
  ASSERT_EQ(::chown(MailboxPath("alice").c_str(), UidOf("bob"), StatusOf("/var/mail").st_gid), 0);
  ExpectDeferred();
}

TEST_F(BadMailbox, IsNotAHardLink) {
  const SetupFile target("/var/mail/target", "", 0660);
  ASSERT_EQ(::chown("/var/mail/target", UidOf("alice"), StatusOf("/var/mail").st_gid), 0);
  ASSERT_EQ(::link("/var/mail/target", MailboxPath("alice").c_str()), 0);
  ExpectDeferred();
  EXPECT_EQ(MailboxText("target"), "");
}

TEST_F(BadMailbox, IsNotADirectoryOrAFifo) {
  fs::create_directory(MailboxPath("alice"));
  ASSERT_EQ(::chown(MailboxPath("alice").c_str(), UidOf("alice"), 0), 0);
  ExpectDeferred();
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  fs::remove_all(MailboxPath("alice"));
  ASSERT_EQ(::mkfifo(MailboxPath("alice").c_str(), 0600), 0);
  ASSERT_EQ(::chown(MailboxPath("alice").c_str(), UidOf("alice"), 0), 0);
  ExpectDeferred();
}

// Something promises the home.
class AbsentHome : public SystemTest {
 protected:
  AbsentHome() {
    fs::remove_all(kHome);
    std::ofstream(kTable, std::ios::app) << "/dev/none /home/carol ext4 noauto 0 0\n";
  }
  ~AbsentHome() override {
    std::ofstream(kTable) << table_;
    ::umount2(kHome, MNT_DETACH);
    MakeHome(kHome);
  }

  static constexpr const char* kHome = "/home/carol";
  static constexpr const char* kTable = "/etc/fstab";

  static void MakeHome(const std::string& path) {
    fs::create_directory(path);
    if (::chown(path.c_str(), UidOf("carol"), UidOf("carol")) < 0) ThrowErrno("Failed to give away", path);
  }
  static std::string SendIntoIt() {
    const auto subject = MakeSubject();
    Send("alice", {"carol"}, MakeMessage(subject));
    EXPECT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
    return subject;
  }

 private:
  const std::string table_ = TextOf(kTable);
};

TEST_F(AbsentHome, HasItsMailAsSoonAsItAppears) {
  const auto subject = SendIntoIt();
  EXPECT_NE(Deferral().find("'/home/carol' does not exist now"), std::string::npos) << Deferral();
  MakeHome(kHome);
  (void)WaitForLetter("carol", subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_EQ(FindLetters("carol", subject).size(), 1U);
  const auto errors = Check({"journalctl", "-q", "-p", "err", "-u", "mailqueue.service"});
  EXPECT_EQ(errors.find("Lost a courier"), errors.npos) << errors;
}

TEST_F(AbsentHome, HasItsMailAsSoonAsItIsMounted) {
  fs::create_directory(kHome);
  const auto subject = SendIntoIt();
  EXPECT_NE(Deferral().find("nothing is mounted there now"), std::string::npos) << Deferral();
  MakeHome("/home/elsewhere");
  ASSERT_EQ(::mount("/home/elsewhere", kHome, nullptr, MS_BIND, nullptr), 0);
  (void)WaitForLetter("carol", subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  ASSERT_EQ(::umount2(kHome, MNT_DETACH), 0);
  fs::remove_all("/home/elsewhere");
}

// The credentials of the relay are such a mount, and come with each of its starts.
TEST_F(AbsentHome, IsNotTriedForMountsOfTheSystem) {
  (void)SendIntoIt();
  ASSERT_EQ(::mkdir("/run/mounted", 0755), 0);
  ASSERT_EQ(::mount("tmpfs", "/run/mounted", "tmpfs", 0, nullptr), 0);
  const auto subject = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(subject));
  (void)WaitForLetter("bob", subject);
  ASSERT_TRUE(WaitUntil([] { return ReadQueue().size() == 1; })) << DescribeQueue();
  EXPECT_EQ(ReadQueue().at(0).attempts, 1U);
  ASSERT_EQ(::umount2("/run/mounted", MNT_DETACH), 0);
  fs::remove("/run/mounted");
}

TEST_F(AbsentHome, HasItsMailAsSoonAsAllHomesAreMounted) {
  fs::create_directories("/srv/homes");
  MakeHome("/srv/homes/carol");
  const auto subject = SendIntoIt();
  ASSERT_EQ(::mount("/srv/homes", "/home", nullptr, MS_BIND, nullptr), 0);
  (void)WaitForLetter("carol", subject);
  ASSERT_EQ(::umount2("/home", MNT_DETACH), 0);
  fs::remove_all("/srv/homes");
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}
