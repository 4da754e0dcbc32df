// SPDX-License-Identifier: BSD-2-Clause
// Relays that users have chosen, with passwords of their own.
#include "authority.hxx"
#include "fixture.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace machine;
namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "relay.test.example";
constexpr const char* kFolder = "/home/alice/.config/mailqueue";
const std::string kConf = std::string(kFolder) + "/relay.conf";
const std::string kCredential = std::string(kFolder) + "/credentials/work";
const std::string kPassword = "pa:ss word of alice";
const std::string kLogin = "alice@isp.example:" + kPassword + "\n";

// Under a name of its own first, as editors do it: nobody is to read half a file.
void WriteAsAlice(const std::string& path, const std::string& text, const std::string& mode) {
  static constexpr const char* kScript =
      R"(mkdir -p "${1%/*}" && cat >"$1.new" && chmod "$2" "$1.new" && mv -f "$1.new" "$1")";
  const auto ended =
      Execute({.words = {"sh", "-c", kScript, "sh", path, mode}, .user = "alice", .input = text});
  if (ended.status != 0) throw std::runtime_error("Failed to write " + path + ": " + ended.err);
}

// What the first message in the queue waits for; empty: nothing has been found out yet.
std::string WhyDeferred() {
  const auto queue = ReadQueue();
  if (queue.empty() || !queue[0].recipients[0].result) return {};
  return queue[0].recipients[0].result->status + " " + queue[0].recipients[0].result->text;
}

pid_t PidOf(const std::string& name) {
  for (const auto& process : MailqueueProcesses())
    if (process.name == name) return process.pid;
  return -1;
}

std::string ReadMemory(int memory, off_t at, std::size_t size) {
  std::string text(size, '\0');
  const auto n = ::pread(memory, text.data(), size, at);
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

// Whether a process has these octets anywhere in what it can write.
bool HasInMemory(pid_t pid, const std::string& octets) {
  const auto directory = "/proc/" + std::to_string(pid);
  const UniqueFd memory(::open((directory + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(memory) << directory;
  std::ifstream maps(directory + "/maps");
  std::size_t seen = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0;
    unsigned long end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx rw", &begin, &end) != 2 || line.find(" rw") == line.npos) continue;
    const auto text = ReadMemory(memory.Get(), static_cast<off_t>(begin), end - begin);
    seen += text.size();
    if (text.find(octets) != text.npos) return true;
  }
  EXPECT_GT(seen, 0U) << directory;
  return false;
}

// In what a process tells everybody about itself.
bool IsTold(const std::string& octets) {
  for (const auto& process : MailqueueProcesses())
    for (const char* name : {"/cmdline", "/environ"})
      if (TextOf("/proc/" + std::to_string(process.pid) + name).find(octets) != std::string::npos)
        return true;
  return false;
}

}  // namespace

class UserRelays : public SystemTest {
 protected:
  static void SetUpTestSuite() {
    authority = std::make_unique<Authority>();
    authority->Issue(kName);
    std::ofstream("/etc/hosts", std::ios::app) << "127.0.0.1 " << kName << "\n";
  }
  UserRelays() {
    isp = std::make_unique<Receiver>(std::vector<std::string>{
        "--tls=starttls", "--cert=" + authority->Certificate(kName), "--key=" + authority->Key(kName),
        "--auth=PLAIN", "--user=alice@isp.example", "--password=" + kPassword});
  }
  ~UserRelays() override { fs::remove_all(kFolder); }

  [[nodiscard]] std::string Isp(const std::string& label) const {
    return "smtp+tls://" + label + "@" + isp->At(kName);
  }
  /// The machine's relay is the other one.
  [[nodiscard]] std::string Machine(const std::string& more = "UserRelays=yes\n") const {
    return "[Relay]\nHost=smtp+notls://" + hub.At() + "\n" + more + "[Queue]\nRetryMin=1s\nRetryMax=2s\n";
  }
  void ChooseIsp(const std::string& login = kLogin, const std::string& mode = "600") const {
    WriteAsAlice(kConf, "[Relay]\nHost=" + Isp("work") + "\n", "644");
    WriteAsAlice(kCredential, login, mode);
  }
  static std::string SendAs(const std::string& user) {
    auto subject = MakeSubject();
    Send(user, {"friend@remote.example"}, MakeMessage(subject));
    return subject;
  }
  /// Waits until the one message in the queue waits for this.
  void ExpectWhy(const std::string& part) const {
    EXPECT_TRUE(WaitUntil([&] { return WhyDeferred().find(part) != std::string::npos; })) << part << "\n"
                                                                                          << DescribeQueue();
    EXPECT_TRUE(isp->All().empty() && hub.All().empty());
  }

  static inline std::unique_ptr<Authority> authority;
  std::unique_ptr<Receiver> isp;
  const Receiver hub;
};

TEST_F(UserRelays, AreForTheMailOfTheirUser) {
  const Configuration configuration(Machine());
  ChooseIsp();
  const auto alices = SendAs("alice");
  const auto bobs = SendAs("bob");
  const auto received = isp->WaitFor(alices);
  EXPECT_EQ(received.auth, "alice@isp.example");
  EXPECT_EQ(received.recipients.size(), 1U);
  EXPECT_EQ(hub.WaitFor(bobs).auth, "");
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(isp->All().size(), 1U);
  EXPECT_EQ(hub.All().size(), 1U);
  const auto roots = SendAs("root");
  EXPECT_EQ(hub.WaitFor(roots).auth, "");
  const auto again = SendAs("alice");
  EXPECT_EQ(isp->WaitFor(again).auth, "alice@isp.example");
  EXPECT_EQ(isp->Counter("violations"), 0U);
}

TEST_F(UserRelays, AreTheChoiceOfTheSender) {
  const Configuration configuration(Machine());
  WriteAsAlice(kConf, "[Relay.work]\nSenders=alice@work.example\nHost=" + Isp("work") + "\n", "600");
  WriteAsAlice(kCredential, kLogin, "600");
  auto subject = MakeSubject();
  Send("alice", {"-f", "alice@work.example", "friend@remote.example"}, MakeMessage(subject));
  EXPECT_EQ(isp->WaitFor(subject).sender.find("<alice@work.example>"), 0U);
  EXPECT_EQ(hub.WaitFor(SendAs("alice")).auth, "");
  const auto shown = Execute(
      {.words = {"mailqueuectl", "route", "-f", "alice@work.example", "a@remote.example"}, .user = "alice"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  for (const auto& part : {kConf + ":3", Isp("work")})
    EXPECT_NE(shown.out.find(part), std::string::npos) << part << " in " << shown.out;
  const auto others = Execute({.words = {"mailqueuectl", "route", "a@remote.example"}, .user = "alice"});
  EXPECT_NE(others.out.find(hub.At()), std::string::npos) << others.out;
}

// Mail does not go another way, and the agent does not wait in front of a file that gives nothing.
TEST_F(UserRelays, AreNotReadFromAFileOfAWrongKind) {
  const Configuration configuration(Machine());
  const struct {
    const char* kind;
    const char* script;  // as root, with the path as "$1"
  } cases[] = {
      {"device", "mknod -m 644 \"$1\" c 1 3; chown alice \"$1\""},
      {"directory", "mkdir \"$1\"; chown alice \"$1\""},
      {"link to another's file",
       "printf '[Relay]\\nHost=a.example\\n' >/home/bob/relays; ln -s /home/bob/relays \"$1\""},
      {"another's file", "printf '[Relay]\\nHost=a.example\\n' >\"$1\"; chown bob \"$1\""},
      {"large file", "yes '# comment' | head -c 1000000 >\"$1\"; chown alice \"$1\""},
      {"FIFO", "mkfifo -m 644 \"$1\"; chown alice \"$1\""},
  };
  for (const auto& [kind, script] : cases) {
    SCOPED_TRACE(kind);
    WriteAsAlice(kConf, "", "644");
    Check({"sh", "-c", "rm -f \"$1\"; " + std::string(script), "sh", kConf});
    const auto shown = Execute({.words = {"mailqueuectl", "route", "a@remote.example"}, .user = "alice"});
    EXPECT_NE((shown.out + shown.err).find(kConf), std::string::npos) << shown.out << shown.err;
    EXPECT_EQ(shown.out.find(hub.At()), std::string::npos) << shown.out;
    if (kind != std::string("FIFO")) fs::remove_all(kFolder);
  }
  fs::remove("/home/bob/relays");
  const auto subject = SendAs("alice");
  ExpectWhy(kConf);
  fs::remove_all(kFolder);
  (void)hub.WaitFor(subject);
}

TEST_F(UserRelays, AreNoneUnlessTheAdministratorAllowsThem) {
  const Configuration configuration(Machine(""));
  ChooseIsp();
  EXPECT_EQ(hub.WaitFor(SendAs("alice")).auth, "");
  EXPECT_TRUE(isp->All().empty());
}

TEST_F(UserRelays, GiveWayToWhatTheAdministratorSaysOfTheRecipient) {
  const Configuration configuration(Machine("UserRelays=yes\n[Relay.all]\nRecipients=remote.example\n"));
  ChooseIsp();
  EXPECT_EQ(hub.WaitFor(SendAs("alice")).auth, "");
  EXPECT_TRUE(isp->All().empty());
}

TEST_F(UserRelays, AreNotForWhatOthersSendOn) {
  const Configuration configuration(Machine());
  ChooseIsp();
  const SetupFile forward("/home/bob/.forward", "friend@remote.example\n");
  Check({"chown", "bob:", "/home/bob/.forward"});
  const auto subject = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(subject));
  EXPECT_EQ(hub.WaitFor(subject).auth, "");
  EXPECT_TRUE(isp->All().empty());
}

// A null client is what most people use msmtp for.
TEST_F(UserRelays, TakeAllMailOfANullClient) {
  const Configuration configuration("[Relay]\nUserRelays=yes\n[Local]\nEnabled=no\n[Queue]\nRetryMin=1s\n");
  ChooseIsp();
  const auto subject = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(subject));
  EXPECT_EQ(isp->WaitFor(subject).auth, "alice@isp.example");
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

// With the password on standard input, as a program would give it.
TEST_F(UserRelays, AreSetUpByTheirUser) {
  const Configuration configuration(Machine());
  const std::vector<std::string> words = {"mailqueuectl", "setup",
                                          "--user",       "alice@isp.example",
                                          "--name=work",  "--host=smtp+tls://" + isp->At(kName)};
  const auto done = Execute({.words = words, .user = "alice", .input = kPassword + "\n"});
  EXPECT_EQ(done.status, 0) << done.out << done.err;
  EXPECT_NE(done.out.find(kConf + ":3"), std::string::npos) << done.out;
  EXPECT_EQ(fs::status(kCredential).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(isp->WaitFor(SendAs("alice")).auth, "alice@isp.example");
  EXPECT_EQ(Execute({.words = words, .user = "alice", .input = "x\n"}).status, 73)
      << "overwrites nothing unasked";
  EXPECT_EQ(Execute({.words = words, .input = "x\n"}).status, 77) << "root's mail is the machine's";
}

TEST_F(UserRelays, ThatRefuseTheLoginHoldNobodyElse) {
  // The machine has an account at the same server, under the same label.
  const SetupFile credential("/etc/mailqueue/credentials/work", kLogin, 0600);
  const Configuration configuration("[Relay]\nHost=" + Isp("work") +
                                    "\nUserRelays=yes\n[Queue]\nRetryMin=1s\n");
  ChooseIsp("alice@isp.example:an old password\n");
  const auto first = SendAs("alice");
  ExpectWhy("refused");
  EXPECT_EQ(WhyDeferred().find("4.7.8 Login as 'work' (~alice/.config/mailqueue/credentials/work)"), 0U)
      << WhyDeferred();
  const auto second = SendAs("alice");
  EXPECT_EQ(isp->WaitFor(SendAs("bob")).auth, "alice@isp.example");
  ASSERT_TRUE(WaitUntil([] {
    const auto queue = ReadQueue();
    return queue.size() == 2 && std::ranges::all_of(queue, [](const auto& one) { return one.attempts > 0; });
  })) << DescribeQueue();
  EXPECT_EQ(isp->Counter("connections"), 2U) << "one login for her, and one for the machine";
  const auto status = UnitProperty("mailqueue-relay.service", "StatusText");
  EXPECT_EQ(status, "Login refused, mail waits for relays of 1 user");
  WriteAsAlice(kCredential, kLogin, "600");
  (void)Execute({.words = {"mailqueuectl", "flush"}, .user = "alice"});
  for (const auto& subject : {first, second}) EXPECT_EQ(isp->WaitFor(subject).auth, "alice@isp.example");
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(UserRelays, KeepMailWhoseWayIsNotClear) {
  const Configuration configuration(Machine());
  struct {
    std::string conf;
    std::string why;
  } const cases[] = {
      {"[Relay]\nHost=ftp://" + hub.At() + "\n", "4.3.5 " + kConf + ":2: Host= is not understood"},
      {"host " + hub.At() + "\n", "4.3.5 " + kConf + ":1: not understood"},
      {"[Relay]\nHost=lmtp:/run/mailqueue/relay\n", "4.3.5 " + kConf + ":2: Host= is not understood"},
      {"[Relay]\nHost=" + Isp("none") + "\n", "4.7.8 No credential for 'none': write user:password to "},
  };
  WriteAsAlice(kConf, cases[0].conf, "644");
  const auto subject = SendAs("alice");
  for (const auto& [conf, why] : cases) {
    WriteAsAlice(kConf, conf, "644");
    (void)Execute({.words = {"mailqueuectl", "flush"}, .user = "alice"});
    ExpectWhy(why);
  }
  const auto shown = Execute({.words = {"mailq"}, .user = "alice"});
  EXPECT_NE(shown.out.find("No credential for 'none'"), std::string::npos) << shown.out;
  fs::remove(kConf);
  (void)Execute({.words = {"mailqueuectl", "flush"}, .user = "alice"});
  EXPECT_EQ(hub.WaitFor(subject).auth, "");
}

TEST_F(UserRelays, KeepMailWhereAFileIsOpenToOthers) {
  const Configuration configuration(Machine());
  ChooseIsp(kLogin, "640");
  const auto subject = SendAs("alice");
  ExpectWhy("4.7.8 " + kCredential + " is open to others: shut it with chmod 600 " + kCredential);
  const auto shown = Execute({.words = {"mailq"}, .user = "alice"});
  EXPECT_NE(shown.out.find("chmod 600 " + kCredential), std::string::npos) << shown.out;
  fs::permissions(kCredential, fs::perms::owner_read);
  fs::permissions(kConf, fs::perms::others_write, fs::perm_options::add);
  (void)Execute({.words = {"mailqueuectl", "flush"}, .user = "alice"});
  ExpectWhy("4.3.5 " + kConf + " can be written by everybody");
  fs::permissions(kConf, fs::perms::others_write, fs::perm_options::remove);
  (void)Execute({.words = {"mailqueuectl", "flush"}, .user = "alice"});
  EXPECT_EQ(isp->WaitFor(subject).auth, "alice@isp.example");
}

TEST_F(UserRelays, HaveOptionsOfTheirOwnButForThoseOfTheMachine) {
  const Configuration configuration(Machine("UserRelays=yes\nHelo=machine.example\n"));
  WriteAsAlice(kConf,
               "[Relay]\nHost=" + Isp("work") +
                   "\nHelo=alice.example\nTokenCommand=/bin/sh\n"
                   "SourceAddress=192.0.2.1\n",
               "600");
  WriteAsAlice(kCredential, kLogin, "600");
  const auto hello = isp->WaitFor(SendAs("alice")).hello;
  EXPECT_NE(hello.find("alice.example"), std::string::npos) << hello;
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  const auto status = Execute({.words = {"mailqueuectl", "status"}});
  EXPECT_NE((status.out + status.err).find(kConf + ":4: TokenCommand= is for the administrator's"),
            std::string::npos)
      << status.out << status.err;
}

// The message waits, so the runner and the relay, which remembers the refusal, are both still there.
TEST_F(UserRelays, ShowTheirPasswordToTheRelayAlone) {
  const Configuration configuration(Machine());
  const std::string secret = "an old password of alice";
  ChooseIsp("alice@isp.example:" + secret + "\n");
  (void)SendAs("alice");
  ExpectWhy("refused");
  EXPECT_TRUE(HasInMemory(PidOf("mailqueue-relay"), secret)) << "else this test finds nothing";
  EXPECT_FALSE(HasInMemory(PidOf("mailqueue-runner"), secret));
  EXPECT_FALSE(IsTold(secret));
  const auto journal = Check({"journalctl", "--no-pager", "-o", "export"});
  EXPECT_NE(journal.find("of the relay.conf of alice"), std::string::npos) << "else it is not the journal";
  EXPECT_EQ(journal.find(secret), std::string::npos);
  for (const auto& file : fs::recursive_directory_iterator("/var/spool/mailqueue"))
    EXPECT_FALSE(file.is_regular_file() && TextOf(file.path()).find(secret) != std::string::npos)
        << file.path();
}
