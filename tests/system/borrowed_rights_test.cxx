// SPDX-License-Identifier: BSD-2-Clause
// What a user tries to have done with rights that are not theirs: those of group mail, which their agent has,
// and those of the runner. And what is left to programs that somebody has broken into.
#include "base/error.hxx"
#include "fixture.hxx"
#include "paths.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>

using namespace machine;
namespace fs = std::filesystem;

namespace {

void GiveTo(const std::string& path, uid_t uid, gid_t gid) {
  if (::lchown(path.c_str(), uid, gid) < 0) ThrowErrno("Failed to give away", path);
}

void GiveToUser(const std::string& path, const std::string& user) {
  const auto* const entry = ::getpwnam(user.c_str());
  GiveTo(path, entry->pw_uid, entry->pw_gid);
}

// ~/.forward of a user.
class Forward {
 public:
  Forward(const std::string& user, const std::string& text)
      : file_("/home/" + user + "/.forward", text + "\n", 0600) {
    GiveToUser("/home/" + user + "/.forward", user);
  }

 private:
  SetupFile file_;
};

std::string RouteAs(const std::string& user, const std::string& address) {
  const auto ended = Execute({.words = {"mailqueuectl", "route", address}, .user = user});
  return ended.out + ended.err;
}

bool Has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

class LoginShell {
 public:
  LoginShell(std::string user, const std::string& shell) : user_(std::move(user)) {
    Check({"usermod", "-s", shell, user_});
  }
  ~LoginShell() { Check({"usermod", "-s", "/bin/bash", user_}); }
  LoginShell(const LoginShell&) = delete;
  LoginShell& operator=(const LoginShell&) = delete;

 private:
  std::string user_;
};

// "/proc/PID" of a running program of the product.
std::string ProcessOf(const std::string& program) {
  for (const auto& process : MailqueueProcesses())
    if (process.name == program) return "/proc/" + std::to_string(process.pid);
  throw std::runtime_error(program + " does not run");
}

bool HasFlag(const std::string& path, unsigned long flag) {
  struct statvfs status;
  if (::statvfs(path.c_str(), &status) < 0) ThrowErrno("Failed to look at", path);
  return status.f_flag & flag;
}

mode_t ModeOf(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) < 0) ThrowErrno("Failed to look at", path);
  return status.st_mode & 07777;
}

}  // namespace

class BorrowedRights : public SystemTest {
 protected:
  // A Maildir of bob's that group mail may write to, as /var/mail makes them.
  static void MakeMaildirOfBobs() {
    fs::create_directory("/var/mail/bob");
    GiveTo("/var/mail/bob", ::getpwnam("bob")->pw_uid, ::getgrnam("mail")->gr_gid);
    ASSERT_EQ(::chmod("/var/mail/bob", 02770), 0);
  }
};

TEST_F(BorrowedRights, OfGroupMailShowNobodyAFile) {
  const auto mail = ::getgrnam("mail")->gr_gid;
  fs::create_directory("/etc/of-group-mail");
  const SetupFile file("/etc/auth-of-group-mail.conf", "s3cret@example.org\n", 0640);
  const SetupFile deeper("/etc/of-group-mail/conf", "s3cret@example.org\n", 0644);
  const SetupFile mailbox(MailboxPath("root"), "s3cret@example.org\n", 0640);
  for (const auto* path : {"/etc/auth-of-group-mail.conf", "/etc/of-group-mail", "/var/mail/root"})
    GiveTo(path, 0, mail);
  ASSERT_EQ(::chmod("/etc/of-group-mail", 0750), 0);
  const Forward forward("alice",
                        ":include:/etc/auth-of-group-mail.conf, :include:/etc/of-group-mail/conf, "
                        ":include:/var/mail/root, /etc/of-group-mail/box");
  const auto route = RouteAs("alice", "alice");
  EXPECT_FALSE(Has(route, "s3cret")) << route;
  EXPECT_TRUE(Has(route, "Permission denied")) << route;
  Send("bob", {"alice"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  EXPECT_FALSE(Has(Check({"mailqueuectl", "status"}), "s3cret"));
  EXPECT_FALSE(Has(ReadQueue().at(0).ToText(), "s3cret"));
  fs::remove_all("/etc/of-group-mail");
}

TEST_F(BorrowedRights, OfGroupMailMakeNothingInOthersDirectories) {
  for (const auto* maildir : {"/var/mail/", "/var/mail/bob/", "/var/mail/bob/new/", "/var/mail/more/"}) {
    ASSERT_NO_FATAL_FAILURE(SetUp());
    ASSERT_NO_FATAL_FAILURE(MakeMaildirOfBobs());
    const Forward forward("alice", maildir);
    Send("carol", {"alice"}, MakeMessage(MakeSubject()));
    ASSERT_TRUE(WaitUntil(IsTried)) << maildir << DescribeQueue();
    for (const auto& entry : fs::recursive_directory_iterator("/var/mail"))
      EXPECT_EQ(entry.path().string(), "/var/mail/bob") << maildir;
  }
}

TEST_F(BorrowedRights, OfTheRunnerShowNobodyAMessage) {
  const SetupFile aliases("/etc/aliases", "staff: :include:/srv/lists/staff\n");
  fs::create_directory("/srv/lists");
  GiveToUser("/srv/lists", "alice");
  const Configuration waiting("[Relay]\nHost=smtp+notls://127.0.0.1:9\n");
  Send("bob", {"-i", "secret-bcc@example.net"}, MakeMessage("private", "bobs-private@x.example\n"));
  ASSERT_TRUE(WaitUntil([] { return ReadQueue().size() == 1; }));
  const auto id = ReadQueue().at(0).id.ToString();
  for (const auto* kind : {".envelope", ".message"}) {
    fs::create_symlink(std::string(MAILQUEUE_SPOOLDIR) + "/queue/" + id + kind, "/srv/lists/staff");
    GiveToUser("/srv/lists/staff", "alice");
    const auto route = RouteAs("alice", "staff");
    EXPECT_FALSE(Has(route, "secret-bcc") || Has(route, "bobs-private")) << route;
    EXPECT_TRUE(Has(route, "instead of root")) << route;
    fs::remove("/srv/lists/staff");
    // Root's own mistake, or a link of root's that somebody has found.
    fs::create_symlink(std::string(MAILQUEUE_SPOOLDIR) + "/queue/" + id + kind, "/srv/lists/staff");
    EXPECT_TRUE(Has(RouteAs("alice", "staff"), "is in the spool"));
    fs::remove("/srv/lists/staff");
  }
  const SetupFile list("/srv/lists/staff", "carol\n");
  GiveToUser("/srv/lists/staff", "alice");
  EXPECT_TRUE(Has(RouteAs("alice", "staff"), "/var/mail/carol"));
  fs::remove_all("/srv/lists");
}

// Whoever mails a user learns no more of a private file than that it leads to a place that does not take
// mail.
TEST_F(BorrowedRights, OfAFileThatIsPrivateShowASenderNothing) {
  const Forward forward("carol",
                        "/nonexistent/Secret1/box, \\Secret2, Secret3, \"|/nonexistent/Secret4\", "
                        ":include:/root/Secret5, \"error:5.7.1 told on purpose\"");
  const auto subject = MakeSubject();
  Send("alice", {"carol"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  ASSERT_TRUE(WaitUntil([] { return Has(MailboxText("alice"), "told on purpose"); })) << DescribeQueue();
  EXPECT_FALSE(Has(MailboxText("alice"), "Secret")) << MailboxText("alice");
  for (const char* user : {"alice", "root"}) {
    const auto listed = Execute({.words = {"mailq"}, .user = user}).out;
    EXPECT_TRUE(Has(listed, "carol")) << user;
    EXPECT_FALSE(Has(listed, "Secret")) << user << " sees\n" << listed;
  }
  EXPECT_TRUE(Has(Check({"journalctl", "-q", "-b", "-u", "mailqueue.service"}), "Secret1"));
  EXPECT_TRUE(Has(RouteAs("carol", "carol"), "Secret1"));
}

TEST_F(BorrowedRights, RunNothingForAUserWhoMayNotLogIn) {
  const LoginShell none("carol", "/usr/sbin/nologin");
  const Forward forward("carol", "\"|/bin/sh -c 'touch /tmp/ran-for-carol'\"");
  const SetupFile aliases("/etc/aliases", "list: \"|/bin/touch /tmp/ran-for-list\"\n");
  const auto subject = MakeSubject();
  Send("bob", {"carol", "list"}, MakeMessage(subject));
  (void)WaitForLetter("carol", subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_FALSE(fs::exists("/tmp/ran-for-carol"));
  EXPECT_TRUE(fs::remove("/tmp/ran-for-list")) << "commands of aliases run as before";
  EXPECT_TRUE(Has(RouteAs("root", "carol"), "'/usr/sbin/nologin', is not in /etc/shells"));
  EXPECT_TRUE(Has(Check({"journalctl", "-q", "-b", "-u", "mailqueue.service"}), "is not in /etc/shells"));
}

class Sandbox : public SystemTest {};

TEST_F(Sandbox, LeavesNoProgramToRun) {
  const Configuration relay(RelayTo("smtp+notls://127.0.0.1:9"));
  const auto subject = MakeSubject();
  Send("bob", {"x@example.org", "alice"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  for (const char* program :
       {"mailqueue-runner", "mailqueue-relay", "mailqueue-launcher", "mailqueue-deliver"}) {
    const auto process = ProcessOf(program);
    const Letter status{{}, TextOf(process + "/status"), {}};
    EXPECT_EQ(status.Field("Seccomp"), "2") << program;
    EXPECT_EQ(status.Field("NoNewPrivs"), "1") << program;
    if (std::string_view(program) == "mailqueue-deliver") continue;
    for (const char* directory : {"/usr/bin", "/usr/sbin"})
      EXPECT_TRUE(HasFlag(process + "/root" + directory, ST_NOEXEC)) << program << " " << directory;
  }
}

TEST_F(Sandbox, OfTheLauncherHidesSecretsFromARootWithoutCapabilities) {
  fs::create_directories("/etc/mailqueue/credentials");
  const auto subject = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  const auto root = ProcessOf("mailqueue-launcher") + "/root";
  for (const char* path : {"/etc/shadow", "/etc/gshadow", "/etc/mailqueue/credentials", "/var/lib/systemd"})
    EXPECT_EQ(ModeOf(root + path), 0U) << path;
  for (const char* path : {"/run", "/etc", "/var", "/tmp/.."})
    EXPECT_TRUE(HasFlag(root + path, ST_RDONLY)) << path;
}

TEST_F(Sandbox, LetsAReloadThrough) {
  const Configuration relay(RelayTo("smtp+notls://127.0.0.1:9"));
  Send("bob", {"x@example.org"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  Check({"systemctl", "reload", "mailqueue.service"});
  EXPECT_EQ(UnitProperty("mailqueue.service", "ActiveState"), "active");
}

TEST_F(Sandbox, LetsSystemdBeAskedForAStart) {
  const Configuration relay(RelayTo("smtp+notls://127.0.0.1:9"));
  Send("bob", {"x@example.org"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  const auto start_of = [](const char* unit) {
    return UnitProperty(unit, "ExecMainStartTimestampMonotonic");
  };
  Check({"systemctl", "start", "mailqueue-relay.service"});
  const auto relays = start_of("mailqueue-relay.service");
  Check({"systemctl", "start", "mailqueue-credentials.service"});
  EXPECT_TRUE(WaitUntil([&] { return start_of("mailqueue-relay.service") != relays; }))
      << "it has the new credentials";
  Check({"systemctl", "stop", "mailqueue.service"});
  const auto runners = start_of("mailqueue.service");
  Check({"systemctl", "restart", "mailqueue-boot.service"});
  EXPECT_TRUE(WaitUntil([&] { return start_of("mailqueue.service") != runners; })) << "mail is waiting";
}
