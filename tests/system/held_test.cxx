// SPDX-License-Identifier: BSD-2-Clause
// What a user with a shell account has tried on others' mail, on files and on what runs: nothing comes of it.
#include "base/error.hxx"
#include "base/text.hxx"
#include "base/user.hxx"
#include "drop_text.hxx"
#include "fixture.hxx"
#include "paths.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <grp.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

using namespace machine;
namespace fs = std::filesystem;

namespace {

const std::string kSecret = "held-secret-of-others";
const std::string kForward = "/home/alice/.forward";

// As alice at her shell; "$d" is drop/.
Ended AsAlice(const std::string& script, const std::string& input = {}) {
  const auto d = fmt::format("d={}; cd ~; {}", DropDirectory(), script);
  return Execute({.words = {"sh", "-c", d}, .user = "alice", .input = input});
}

void ExpectOthersServed() {
  const auto subject = MakeSubject();
  Send("bob", {"carol"}, MakeMessage(subject));
  EXPECT_EQ(WaitForLetter("carol", subject).body, "A line.\n");
}

bool HasAllBeenTried() {
  const auto queue = ReadQueue();
  return IsQueueEmpty() ||
         (!queue.empty() && std::ranges::all_of(queue, [](const auto& one) { return one.attempts > 0; }));
}

pid_t AgentOf(const std::string& user) {
  const auto unit = fmt::format("mailqueue-deliver-{}-", FindUser(user).value().uid);
  for (const auto& process : MailqueueProcesses())
    if (TextOf(fmt::format("/proc/{}/cgroup", process.pid)).find(unit) != std::string::npos)
      return process.pid;
  return -1;
}

// While this lives, somebody else has alice's mailbox, so her agent waits.
class LockedMailbox {
 public:
  LockedMailbox() { std::ofstream(MailboxPath("alice") + ".lock") << ::getpid(); }
  ~LockedMailbox() { fs::remove(MailboxPath("alice") + ".lock"); }
  LockedMailbox(const LockedMailbox&) = delete;
  LockedMailbox& operator=(const LockedMailbox&) = delete;
};

// What alice, in a process of her own, gets at of another one; "" is how it should be.
std::string TakenFrom(pid_t process) {
  std::string taken;
  const auto directory = fmt::format("/proc/{}/", process);
  char octet = 0;
  for (const char* name : {"mem", "maps", "environ", "auxv", "io", "stack", "syscall", "personality"})
    if (const UniqueFd fd(::open((directory + name).c_str(), O_RDONLY | O_CLOEXEC));
        fd && ::read(fd.Get(), &octet, 1) > 0)
      taken += fmt::format("{} ", name);
  for (const char* name : {"root", "cwd", "exe", "fd/0", "fd/1", "ns/mnt"})
    if (::readlink((directory + name).c_str(), &octet, 1) > 0) taken += fmt::format("{} ", name);
  if (::ptrace(PTRACE_SEIZE, process, nullptr, nullptr) == 0) taken += "ptrace ";
  const iovec local{&octet, 1};
  const iovec remote{&taken, 1};  // any address will do
  if (::process_vm_readv(process, &local, 1, &remote, 1, 0) >= 0 || errno == EFAULT) taken += "memory ";
  const auto pidfd = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  if (::syscall(SYS_pidfd_getfd, pidfd, 0, 0) >= 0) taken += "descriptor ";
  return taken;
}

// As alice, in a child: this process is root.
std::string TakenByAliceFrom(pid_t process) {
  const auto alice = FindUser("alice").value();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) ThrowErrno("Failed to make a pipe");
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::initgroups("alice", alice.gid) < 0 || ::setgid(alice.gid) < 0 || ::setuid(alice.uid) < 0)
      ::_exit(1);
    const auto taken = TakenFrom(process);
    ::_exit(::write(out.Get(), taken.data(), taken.size()) == static_cast<ssize_t>(taken.size()) ? 0 : 1);
  }
  out.Close();
  int status = -1;
  ::waitpid(child, &status, 0);
  char text[500];
  const auto n = ::read(in.Get(), text, sizeof text);
  return status ? "the probe has failed"
                : std::string(text, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
}

// Puts messages into drop/ and does to each what comes to its mind, while they are taken in.
constexpr const char* kRacer = R"(
use Fcntl; use POSIX qw(mkfifo); srand 42; local $/; chdir $ENV{d} or die;
for my $from (glob "/tmp/races/*") {
  my ($id) = $from =~ m{([^/]+)$};
  open my $in, "<", $from or die; my $text = <$in>;
  open my $file, "+>", ".$id" or die; chmod 0640, ".$id"; syswrite $file, $text; rename ".$id", $id;
  for (1 .. 20) {
    my $what = int rand 10;
    if ($what == 0) { truncate $file, int rand length $text }
    elsif ($what == 1) { sysseek $file, int rand length $text, 0; syswrite $file, "x" x 99 }
    elsif ($what == 2) { sysseek $file, 0, 0; syswrite $file, $text }
    elsif ($what == 3) { rename $id, "$id.other"; rename "$id.other", $id }
    elsif ($what == 4) { unlink $id; symlink "/etc/shadow", $id }
    elsif ($what == 5) { unlink $id; mkfifo $id, 0666 }
    elsif ($what == 6) { unlink $id; mkdir $id, 0777 }
    elsif ($what == 7) { rmdir $id; sysopen my $new, $id, O_WRONLY | O_CREAT | O_NONBLOCK; syswrite $new, $text if $new }
    elsif ($what == 8) { chmod 04755, $id }
    else { rename $id, ".$id.gone"; link ".$id.gone", $id }
  }
})";

}  // namespace

class HeldDrops : public SystemTest {};

TEST_F(HeldDrops, ThatChangeWhileTheyAreTakenIn) {
  const fs::path races = "/tmp/races";
  fs::create_directory(races);
  for (int i = 0; i < 150; ++i) {
    const auto id = MakeQueueId();
    std::ofstream(races / id) << MakeDrop(id, MakeSubject(), {"bob"});
  }
  const auto ended =
      Execute({.words = {"env", "d=" + DropDirectory(), "perl", "-e", kRacer}, .user = "alice"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  ExpectOthersServed();
  fs::remove_all(races);
  EXPECT_EQ(UnitProperty("mailqueue.service", "NRestarts"), "0");
  EXPECT_EQ(MailboxText("bob").find("root:"), std::string::npos) << "of /etc/shadow";
  for (const char* folder : {"queue", "corrupt"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(MAILQUEUE_SPOOLDIR) / folder)) {
      const auto mode = entry.symlink_status().permissions();
      if (std::string_view(folder) == "queue") {
        EXPECT_TRUE(fs::is_regular_file(entry.symlink_status()));
        EXPECT_EQ(mode & fs::perms::set_uid, fs::perms::none) << entry.path();
      }
      // What was set aside is still its owner's file, in a directory that nobody else can look into.
      if (entry.is_regular_file() && !entry.is_symlink()) {
        EXPECT_EQ(mode & fs::perms::set_gid, fs::perms::none) << entry.path();
      }
    }
}

// The ID of a message that waits, by the one who knows it.
TEST_F(HeldDrops, OfAnothersQueueId) {
  const Configuration configuration("[Relay]\nHost=smtp+notls://127.0.0.1:1\n");
  Send("bob", {"friend@remote.example"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  const auto id = ReadQueue()[0].id.ToString();
  const auto message = TextOf(fmt::format("{}/queue/{}.message", MAILQUEUE_SPOOLDIR, id));
  const auto subject = MakeSubject();
  const auto written = AsAlice("umask 027; cat >$d/.x; mv $d/.x $d/" + id, MakeDrop(id, subject, {"alice"}));
  ASSERT_EQ(written.status, 0) << written.err;
  ExpectOthersServed();
  ASSERT_TRUE(WaitUntil([] { return ReadQueue().size() == 1; })) << DescribeQueue();
  EXPECT_EQ(ReadQueue()[0].submitter, FindUser("bob")->uid);
  EXPECT_EQ(TextOf(fmt::format("{}/queue/{}.message", MAILQUEUE_SPOOLDIR, id)), message);
  EXPECT_TRUE(FindLetters("alice", subject).empty());
}

class HeldAgents : public SystemTest {};

// It has group mail, which its user has not.
TEST_F(HeldAgents, AreNotTracedByTheirUser) {
  pid_t agent = -1;
  {
    const LockedMailbox locked;
    Send("bob", {"alice"}, MakeMessage(MakeSubject()));
    const auto waits = [&] { return (agent = AgentOf("alice")) > 0; };
    ASSERT_TRUE(WaitUntil(waits, kSoon, {"/var/spool/mailqueue/queue"})) << DescribeQueue();
    EXPECT_EQ(TakenByAliceFrom(agent), "");
    EXPECT_EQ(AgentOf("alice"), agent) << "it was there all the time";
  }
  Check({"mailqueuectl", "flush"});
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}

TEST_F(HeldAgents, RunCommandsWithWhatTheUserHas) {
  const SetupFile probe(
      "/home/alice/probe",
      "#!/bin/sh\nexec >/home/alice/out 2>&1\nid -Gn\ngrep -E '^(Cap|NoNewPrivs)' /proc/self/status\n"
      "for s in launcher relay token; do perl -MIO::Socket::UNIX -e 'print \"reached $ARGV[0]\\n\" "
      "if IO::Socket::UNIX->new(Type => $_, Peer => \"/run/mailqueue/$ARGV[0]\") for 1, 5' $s; done\n"
      "cat /proc/$PPID/environ /proc/$PPID/mem && echo read its parent\necho end\n",
      0755);
  const SetupFile forward(kForward, "|/home/alice/probe\n");
  Check({"chown", "alice", kForward, "/home/alice/probe"});
  Send("bob", {"alice"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty, kSoon, {"/home/alice"})) << DescribeQueue();
  const auto out = TextOf("/home/alice/out");
  fs::remove("/home/alice/out");
  ASSERT_TRUE(out.ends_with("end\n")) << out;
  EXPECT_TRUE(out.starts_with(Check({"id", "-Gn", "alice"}))) << out;
  EXPECT_EQ(out.find("reached"), out.npos) << out;
  EXPECT_EQ(out.find("read its parent"), out.npos) << out;
  for (const char* none : {"CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"})
    EXPECT_NE(out.find(none), out.npos) << out;
}

// Files that others may not read, and what a user may say of them in a file of their own.
class HeldFiles : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    Check({"chown", "bob", bobs.front()});
    Check({"chgrp", "mail", "/etc/held-of-mail"});
    std::ofstream("/var/mail/bob") << kSecret << "\n";
    Check({"chown", "bob:mail", "/var/mail/bob"});
    fs::permissions("/var/mail/bob", fs::perms(0660));
    ::umask(022);
  }
  void TearDown() override {
    fs::remove_all(kForward);
    SystemTest::TearDown();
  }

  void Forward(const std::string& text) {
    std::ofstream(kForward) << text;
    Check({"chown", "alice", kForward});
  }

  static void ExpectNotTold(const std::string& text) {
    EXPECT_EQ(text.find(kSecret), text.npos) << text;
    EXPECT_EQ(text.find("root:x:"), text.npos) << text;
  }

  const std::vector<std::string> bobs{"/home/bob/held"};
  const SetupFile bob{bobs.front(), kSecret + "\n" + kSecret + "@example.org extra words\n", 0600};
  const SetupFile credential{"/etc/mailqueue/credentials/held", "user:" + kSecret + "\n", 0600};
  const SetupFile of_mail{"/etc/held-of-mail", kSecret + "\n\"|" + kSecret + "\n", 0640};
};

TEST_F(HeldFiles, AreNotToldByIncludes) {
  std::string text;
  for (const char* path :
       {"/home/bob/held", "/etc/shadow", "/etc/gshadow", "/etc/mailqueue/credentials/held", "/var/mail/bob",
        "/etc/held-of-mail", "/proc/1/environ", "/proc/kcore", "/dev/zero", "/dev/stdin", "/proc/self/fd/0",
        "/var/spool/mailqueue/queue", "../bob/held", "/home/alice/../bob/held"})
    text += fmt::format(":include:{}\n", path);
  Forward(text);
  Send("alice", {"alice"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(HasAllBeenTried)) << DescribeQueue();
  for (const char* user : {"alice", "carol"})
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"mailqueuectl", "route", "alice"}, {"mailq"}, {"mailqueuectl", "status"}}) {
      const auto ended = Execute({.words = words, .user = user});
      ExpectNotTold(ended.out + ended.err);
    }
  ExpectNotTold(MailboxText("alice"));
  ExpectOthersServed();
}

TEST_F(HeldFiles, AreNotWrittenAsMailboxes) {
  const auto before = TextOf("/etc/passwd") + TextOf("/etc/held-of-mail");
  const SetupFile closed("/home/bob/closed", "", 0600);
  std::string text;
  const std::vector<std::string> paths = {"/var/mail/bob",
                                          "/var/mail/held-new",
                                          "/var/mail/../mail/held-new",
                                          "/var/spool/mail/bob",
                                          "/home/bob/held",
                                          "/home/bob/closed",
                                          "/home/bob/held-new",
                                          "/home/bob/Maildir/",
                                          "/etc/passwd",
                                          "/etc/held-of-mail",
                                          "/proc/self/mem",
                                          "/proc/sysrq-trigger",
                                          "/dev/full",
                                          "/dev/kmsg",
                                          "/run/mailqueue/submit",
                                          "/var/spool/mailqueue/drop/held",
                                          "/var/spool/mailqueue/queue/held",
                                          "/var/mail/bob/",
                                          "/var/mail/alice.lock",
                                          "plugin:/tmp/held.so",
                                          "plugin:../held"};
  for (const auto& path : paths) text += path + "\n";
  Forward(text);
  Send("alice", {"alice"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  EXPECT_EQ(TextOf("/etc/passwd") + TextOf("/etc/held-of-mail"), before);
  EXPECT_EQ(MailboxText("bob"), kSecret + "\n");
  EXPECT_EQ(TextOf("/home/bob/closed"), "");
  for (const char* made : {"/var/mail/held-new", "/home/bob/held-new", "/home/bob/Maildir",
                           "/var/spool/mailqueue/queue/held", "/var/mail/tmp", "/var/mail/new"})
    EXPECT_FALSE(fs::exists(made)) << made;
  ExpectOthersServed();
}

// Each kind of thing that can be called .forward; none is waited for.
TEST_F(HeldFiles, AreNotToldByForwardFiles) {
  for (const char* script :
       {"mkfifo .forward", "mkdir .forward", "ln -s /dev/zero .forward", "ln -s /etc/shadow .forward",
        "ln -s /proc/self/mem .forward", "ln -s /home/bob/held .forward", "ln -s /etc/held-of-mail .forward",
        "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => \".forward\", Listen => 1) or die'",
        "truncate -s 1T .forward", "echo :include:/home/alice/.forward >.forward", "ln -s .forward .forward",
        "ln -s /var/spool/mailqueue/queue .forward", "ln -s /dev/pts/ptmx .forward",
        "ln -s /proc/1/environ .forward", "echo bob >.forward; chmod 0 .forward",
        "yes ' \\' | head -c 2000000 >.forward", "yes '\"' | head -c 100000 >.forward",
        "head -c 300000 /dev/urandom >.forward"}) {
    const auto made = AsAlice(script);
    ASSERT_EQ(made.status, 0) << script << made.err;
    const auto told = Execute({.words = {"mailqueuectl", "route", "alice"}, .user = "alice", .limit = kSoon});
    ExpectNotTold(told.out + told.err);
    fs::remove_all(kForward);
  }
  ExpectOthersServed();
}

// A Maildir in /var/mail has group mail. What its owner puts there runs as nobody else.
TEST_F(HeldFiles, OfGroupMailRunWithoutIt) {
  const Configuration configuration("[Local]\nMailbox=/var/mail/%u/\n");
  fs::remove("/var/mail/bob");
  Send("bob", {"alice"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  const auto made = AsAlice(
      "cd /var/mail/alice && cp /usr/bin/id id && chmod 2755 id; perl -e 'use Fcntl; sysopen(F, \"new-id\", "
      "O_CREAT | O_WRONLY, "
      "02755)'; chgrp mail id; chmod 2755 id new-id; ./id -Gn");
  EXPECT_EQ(made.out, Check({"id", "-Gn", "alice"})) << made.err;
  for (const char* name : {"id", "new-id"}) {
    struct stat status {};
    const auto path = std::string("/var/mail/alice/") + name;
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & S_ISGID)) {
      EXPECT_NE(status.st_gid, FindGroup("mail")) << path;
    }
  }
}

class HeldBus : public SystemTest {};

// As somebody who has nothing in the queue.
TEST_F(HeldBus, TellsAndDoesNothingToOthersMail) {
  const Configuration configuration(
      "[Relay]\nHost=smtp+notls://127.0.0.1:1\n[Queue]\nRetryMin=1h\nRetryMax=1h\n");
  Send("alice", {"friend@remote.example"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  const auto id = ReadQueue()[0].id.ToString();
  const std::string name = "org.mailqueue.Queue1";
  const std::string path = "/org/mailqueue/Queue1";
  const auto attempts = ReadQueue()[0].attempts;
  const struct {
    std::vector<std::string> words;
    std::string answer;  // how it ends; empty: it is refused
  } cases[] = {
      {{name, path, name, "ListMessages"}, " 0"},
      {{name, path, name, "ListMessagesAfter", "s", ""}, " 0"},
      {{name, path, name, "Flush"}, " 0"},
      {{name, path, name, "TryWaiting"}, ""},
      {{name, path, name, "FlushMessage", "s", id}, ""},
      {{name, path, name, "FlushMessage", "s", "../../etc/passwd"}, ""},
      {{name, path, name, "TestRelay", "s", ""}, ""},
      {{name, path, "org.freedesktop.DBus.Properties", "Set", "ssv", name, "QueueLength", "u", "0"}, ""},
      {{name, path, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"}, ""},
      {{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName", "su", name,
        "4"},
       ""},
      {{"org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
        "StopUnit", "ss", "mailqueue.service", "replace"},
       ""},
  };
  for (const auto& c : cases) {
    std::vector<std::string> words = {"busctl", "--system", "call"};
    words.insert(words.end(), c.words.begin(), c.words.end());
    const auto ended = Execute({.words = words, .user = "bob"});
    const auto said = fmt::format("{}: {}{}", fmt::join(c.words, " "), ended.out, ended.err);
    EXPECT_EQ(ended.status == 0, !c.answer.empty()) << said;
    EXPECT_TRUE(c.answer.empty() || Trim(ended.out).ends_with(c.answer)) << said;
  }
  ASSERT_EQ(ReadQueue().size(), 1U);
  EXPECT_EQ(ReadQueue()[0].attempts, attempts);
}

// What stands in an address reaches a server as an address, or not at all.
class HeldAddresses : public SystemTest {
 protected:
  Receiver receiver;
  const Configuration configuration{RelayTo("smtp+notls://" + receiver.At())};
};

TEST_F(HeldAddresses, AreNoCommandsByAnyEntry) {
  const std::string addresses[] = {"a@b.example\r\nRCPT TO:<evil@x.example>",
                                   "a@b.example\nDATA\n",
                                   "a\rRSET\r@b.example",
                                   "a@b.example> NOTIFY=NEVER RCPT TO:<evil@x.example",
                                   "a@b.example>\r\nRSET",
                                   "\"a\r\nRSET\"@b.example",
                                   "<a@b.example",
                                   "a@b.example>",
                                   "a b@c.example",
                                   "|touch /tmp/held",
                                   ":include:/etc/shadow",
                                   "/tmp/held",
                                   "\\root@b.example\x01",
                                   "@evil.example:a@b.example\r\n",
                                   "a@[127.0.0.1]\r\nX",
                                   std::string(5000, 'a') + "@b.example",
                                   "a@" + std::string(5000, 'b')};
  for (const auto& address : addresses) {
    std::string folded = address;
    std::ranges::replace(folded, '\n', ' ');
    (void)AsAlice("exec sendmail -i -- \"$(cat)\" </dev/stdin", address);
    (void)Execute({.words = {"sendmail", "-i", "-f", address, "--", "friend@remote.example"},
                   .user = "alice",
                   .input = MakeMessage("sender")});
    (void)Execute(
        {.words = {"sendmail", "-ti"}, .user = "alice", .input = "To: " + address + "\nSubject: t\n\nx\n"});
    (void)Execute({.words = {"sendmail", "-bs"},
                   .user = "alice",
                   .input = fmt::format("EHLO x\r\nMAIL FROM:<alice@b.example>\r\nRCPT "
                                        "TO:<{}>\r\nDATA\r\nSubject: bs\r\n\r\nx\r\n.\r\nQUIT\r\n",
                                        folded)});
    (void)Execute({.words = {"sendmail", "-i", "-N", address, "-V", address, "--", "friend@remote.example"},
                   .user = "alice",
                   .input = MakeMessage("dsn")});
    const auto id = MakeQueueId();
    (void)AsAlice("umask 027; cat >$d/.x; mv $d/.x $d/" + id, MakeDrop(id, "drop", {address}));
  }
  const auto subject = MakeSubject();
  Send("bob", {"friend@remote.example"}, MakeMessage(subject));
  (void)receiver.WaitFor(subject);
  ASSERT_TRUE(FlushAll()) << DescribeQueue();
  EXPECT_EQ(receiver.Counter("violations"), 0U);
  EXPECT_EQ(receiver.Counter("transactions"), receiver.All().size());
  EXPECT_FALSE(fs::exists("/tmp/held"));
  for (const auto& received : receiver.All()) {
    for (const auto& recipient : received.recipients) {
      EXPECT_TRUE(std::ranges::none_of(recipient, [](char c) {
        return static_cast<unsigned char>(c) < 0x20;
      })) << Quote(recipient);
    }
  }
}

// Each line end beside a dot: one message stays one message, and its end is where its sender's is.
TEST_F(HeldAddresses, AreNotSmuggledInMessages) {
  std::size_t sent = 0;
  for (const char* before : {"\n", "\r", "\r\n", "\n\r", "\r\r\n", "\r\n\r", ""})
    for (const char* after : {"\n", "\r", "\r\n", "\n\r", "\r\r\n", ""}) {
      const auto text = fmt::format(
          "Subject: smuggled\n\nbegin{}.{}MAIL FROM:<evil@x.example>\r\nRCPT TO:<evil@x.example>\r\nDATA\r\n"
          "Subject: evil\r\n\r\nx\r\n.\r\nend",
          before, after);
      const auto ended =
          Execute({.words = {"sendmail", "-i", "friend@remote.example"}, .user = "alice", .input = text});
      EXPECT_EQ(ended.status, 0) << ended.err;
      ++sent;
    }
  ASSERT_TRUE(receiver.WaitForCount(sent)) << DescribeQueue();
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_EQ(receiver.WithSubject("smuggled").size(), sent);
  EXPECT_EQ(receiver.Counter("transactions"), sent);
  EXPECT_EQ(receiver.Counter("violations"), 0U);
  for (const auto& received : receiver.All())
    EXPECT_TRUE(received.message.ends_with("end\r\n")) << Quote(received.message);
}

// Messages whose structure is all there is to them, to a server for which each must be looked through.
TEST_F(HeldAddresses, HaveTheirMailWhileOthersSendBombs) {
  receiver.SetRules("HIDE 8BITMIME\n");
  constexpr std::size_t kSize = 400'000;
  const auto many = [](const std::string& text) {
    std::string all;
    while (all.size() < kSize) all += text;
    return all;
  };
  std::string nested;
  for (int depth = 0; depth < 500; ++depth)
    nested += fmt::format("Content-Type: multipart/mixed; boundary=\"{:x<190}{}\"\n\n--{:x<190}{}\n", "",
                          depth, "", depth);
  const std::string bombs[] = {
      nested + "\xff\n",
      "Content-Type: multipart/mixed; boundary=b\n\n" + many("--b\nX: y\n\n\xff\n"),
      many("Content-Type: message/rfc822\n\n") + "\xff\n",
      many("X: y\n") + "\n\xff\n",
      "X: " + many("y") + "\n\n\xff\n",
      "To: " + many("(") + "\n\n\xff\n",
      "To: " + many("\"\\") + "\n\n\xff\n",
      "X: a\n" + many(" b\n") + "\n\xff\n",
      "Subject: nul\n\n" + many(std::string(2, '\0') + "\xff"),
      "Subject: cr\n\n" + many("\r\xff"),
  };
  const SetupFile bomb("/tmp/bomb", "", 0644);
  for (const auto& text : bombs) {
    std::ofstream("/tmp/bomb", std::ios::binary) << text;
    const auto ended = AsAlice("sendmail -i friend@remote.example </tmp/bomb");
    EXPECT_EQ(ended.status, 0) << ended.err << Quote(text.substr(0, 60));
  }
  const auto subject = MakeSubject();
  Send("bob", {"friend@remote.example"}, MakeMessage(subject));
  (void)receiver.WaitFor(subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_EQ(receiver.Counter("violations"), 0U);
}
