// SPDX-License-Identifier: BSD-2-Clause
// Where mail goes on to: aliases, virtual users, .forward files and commands, as people write them.
#include "base/error.hxx"
#include "fixture.hxx"

#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sqlite3.h>
#include <thread>

using namespace machine;
namespace fs = std::filesystem;

namespace {

void Give(const std::string& path, const std::string& user) {
  const auto* const entry = ::getpwnam(user.c_str());
  if (!entry) throw std::runtime_error("No user " + user);
  if (::lchown(path.c_str(), entry->pw_uid, entry->pw_gid) < 0) ThrowErrno("Failed to give away", path);
}

// A file in a user's home, their own.
class HomeFile {
 public:
  HomeFile(const std::string& user, const std::string& name, const std::string& text, unsigned mode = 0644)
      : path_("/home/" + user + "/" + name), file_(path_, text, mode) {
    Give(path_, user);
  }
  [[nodiscard]] const std::string& Path() const noexcept { return path_; }

 private:
  std::string path_;
  SetupFile file_;
};

class Aliases {
 public:
  explicit Aliases(const std::string& text) : file_("/etc/aliases", text) {}

 private:
  SetupFile file_;
};

// A folder of AliasUser='s, where what that user writes is found.
class Place {
 public:
  explicit Place(const std::string& user) {
    fs::create_directory(path_);
    Give(path_, user);
  }
  ~Place() { fs::remove_all(path_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& Path() const noexcept { return path_; }

 private:
  std::string path_ = "/srv/place";
};

std::vector<std::string> MaildirFiles(const std::string& maildir) {
  std::vector<std::string> files;
  if (fs::exists(maildir + "/new"))
    for (const auto& entry : fs::directory_iterator(maildir + "/new")) files.push_back(entry.path());
  return files;
}

bool HasText(const std::string& path, const std::string& text) {
  return TextOf(path).find(text) != std::string::npos;
}

std::string Bounce(const std::string& user) {
  if (!WaitUntil([&] { return !MailboxText(user).empty(); })) return "no bounce\n" + DescribeQueue();
  return MailboxText(user);
}

std::string FirstDeferral() {
  for (const auto& envelope : ReadQueue())
    for (const auto& recipient : envelope.recipients)
      if (recipient.result && recipient.result->outcome == mail::Outcome::Deferred)
        return recipient.result->text;
  return {};
}

}  // namespace

class Alias : public SystemTest {};

TEST_F(Alias, LeadsToSeveralUsersOnceEach) {
  const Aliases aliases("Team: alice, bob\nall: team, alice,\n  carol\n");
  const auto subject = MakeSubject();
  Send("root", {"all", "ALICE@localhost"}, MakeMessage(subject));
  for (const char* user : {"alice", "bob", "carol"}) (void)WaitForLetter(user, subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  for (const char* user : {"alice", "bob", "carol"}) EXPECT_EQ(FindLetters(user, subject).size(), 1U) << user;
  EXPECT_EQ(FindLetters("bob", subject)[0].Field("X-Original-To"), "all");
}

TEST_F(Alias, LeadsToFilesMaildirsAndCommandsOfItsUser) {
  const Place place("mailqueue-alias");
  const Aliases aliases("file: " + (place / "mbox") + "\ndir: " + (place / "Maildir/") +
                        "\ncommand: \"|/bin/sh -c 'id -un >" + (place / "out") + "; cat >>" +
                        (place / "out") + "'\"\nnull: /dev/null\n");
  const auto subject = MakeSubject();
  Send("root", {"file", "dir", "command", "null"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty, kSoon, {place.Path()})) << DescribeQueue();
  EXPECT_TRUE(HasText(place / "mbox", "Subject: " + subject));
  ASSERT_EQ(MaildirFiles(place / "Maildir").size(), 1U);
  EXPECT_TRUE(HasText(MaildirFiles(place / "Maildir")[0], "Subject: " + subject));
  EXPECT_TRUE(TextOf(place / "out").starts_with("mailqueue-alias\n")) << TextOf(place / "out");
  EXPECT_TRUE(HasText(place / "out", "Subject: " + subject));
}

TEST_F(Alias, RefusesWithItsText) {
  const Aliases aliases("gone: \"error:550 5.2.1 moved away\"\n");
  Send("alice", {"gone"}, MakeMessage(MakeSubject()));
  const auto bounce = Bounce("alice");
  EXPECT_NE(bounce.find("moved away"), bounce.npos) << bounce;
  EXPECT_NE(bounce.find("Status: 5.2.1"), bounce.npos) << bounce;
}

TEST_F(Alias, KeepsTheOthersInForceIfOneLineIsBad) {
  const Aliases aliases("this is no alias\nteam: alice\nbad: \"|/bin/x 'open\n");
  const auto subject = MakeSubject();
  Send("root", {"team", "bad"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  const auto status = Check({"mailqueuectl", "status"});
  EXPECT_NE(status.find("/etc/aliases:1:"), status.npos) << status;
  const auto checked = Execute({{"newaliases"}});
  EXPECT_EQ(checked.status, 0) << "a package's script may stop at a failure";
  EXPECT_NE(checked.err.find("/etc/aliases:1:"), checked.err.npos) << checked.err;
  EXPECT_EQ(Execute({{"mailqueuectl", "check-aliases"}}).status, 78);
  EXPECT_NE(checked.err.find("/etc/aliases:3:"), checked.err.npos) << checked.err;
}

TEST_F(Alias, SendsBouncesOfAListToItsOwner) {
  Receiver receiver;
  receiver.SetRules("RCPT bad@* 550 5.1.1 nobody\n");
  const Configuration configuration(RelayTo("smtp+notls://" + receiver.At()));
  const Aliases aliases("list: good@example.net, bad@example.net\nowner-list: carol\n");
  const auto subject = MakeSubject();
  Send("alice", {"list"}, MakeMessage(subject));
  const auto received = receiver.WaitFor(subject);
  EXPECT_NE(received.sender.find("owner-list@"), received.sender.npos) << received.sender;
  const auto bounce = Bounce("carol");
  EXPECT_NE(bounce.find("bad@example.net"), bounce.npos) << bounce;
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_TRUE(MailboxText("alice").empty());
}

TEST_F(Alias, HasACatchAll) {
  const Aliases aliases("*: bob\n");
  const auto subject = MakeSubject();
  Send("root", {"whoever"}, MakeMessage(subject));
  (void)WaitForLetter("bob", subject);
}

TEST_F(Alias, OfVirtualUsersComesFirst) {
  const SetupFile table("/etc/mailqueue/virtual",
                        "info@shop.example alice\n@shop.example bob\ncarol alice\n");
  const Configuration configuration("[Route]\nVirtualUsers=file:/etc/mailqueue/virtual\n");
  const auto subject = MakeSubject();
  Send("root", {"info@shop.example", "any@shop.example", "carol"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  (void)WaitForLetter("bob", subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_TRUE(MailboxText("carol").empty());
  EXPECT_EQ(FindLetters("alice", subject).size(), 1U);
}

TEST_F(Alias, OfVirtualUsersMayStandInADatabase) {
  const std::string path = "/etc/mailqueue/users.db";
  fs::remove(path);
  const auto run = [&path](const char* statement) {
    sqlite3* database = nullptr;
    const bool good = ::sqlite3_open(path.c_str(), &database) == SQLITE_OK &&
                      ::sqlite3_exec(database, statement, nullptr, nullptr, nullptr) == SQLITE_OK;
    ::sqlite3_close(database);
    return good;
  };
  ASSERT_TRUE(
      run("CREATE TABLE users(address TEXT, goes_to TEXT);"
          "INSERT INTO users VALUES('info@shop.example', 'alice'), ('info@shop.example', 'carol')"));
  const Configuration configuration("[Route]\nVirtualUsers=sqlite:" + path +
                                    " SELECT goes_to FROM users WHERE address = ?\n");
  const auto subject = MakeSubject();
  Send("root", {"info@shop.example"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  (void)WaitForLetter("carol", subject);
  ASSERT_TRUE(run("UPDATE users SET goes_to = 'bob'"));
  const auto later = MakeSubject();
  Send("root", {"info@shop.example"}, MakeMessage(later));
  (void)WaitForLetter("bob", later);
  fs::remove(path);
}

// A program that knows one key, in OpenSMTPD's protocol.
class TableServer {
 public:
  TableServer() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::unlink(kPath);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string_view(kPath).copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(listener_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
        ::listen(listener_.Get(), 4) < 0 || ::chmod(kPath, 0666) < 0)
      ThrowErrno("Failed to listen on", kPath);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TableServer() {
    ::shutdown(listener_.Get(), SHUT_RDWR);
    thread_.join();
    ::unlink(kPath);
  }
  TableServer(const TableServer&) = delete;
  TableServer& operator=(const TableServer&) = delete;

  static constexpr const char* kPath = "/run/test-table";

 private:
  void Serve() const {
    for (;;) {
      const int fd = ::accept4(listener_.Get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      FILE* const stream = ::fdopen(fd, "r+");
      if (stream) Talk(stream);
    }
  }

  static void Talk(FILE* stream) {
    char line[4096];
    while (std::fgets(line, sizeof line, stream)) {
      const auto words = Words(line);
      if (words.size() == 2 && words[0] == "config" && words[1] == "ready")
        std::fputs("register|alias\nregister|ready\n", stream);
      if (words.size() == 8 && words[4] == "lookup")
        std::fprintf(stream, "lookup-result|%s|%s\n", words[6].c_str(),
                     words[7] == "info@shop.example" ? "found|bob" : "not-found");
      std::fflush(stream);
    }
    std::fclose(stream);
  }

  static std::vector<std::string> Words(std::string_view line) {
    std::vector<std::string> words(1);
    for (const char c : line) {
      if (c == '|') words.emplace_back();
      if (c != '|' && c != '\n') words.back() += c;
    }
    return words;
  }

  UniqueFd listener_;
  std::thread thread_;
};

TEST_F(Alias, OfVirtualUsersMayBeAnsweredByAProgram) {
  const TableServer server;
  const Configuration configuration(std::string("[Route]\nVirtualUsers=socket:") + TableServer::kPath + "\n");
  const auto subject = MakeSubject();
  Send("root", {"info@shop.example", "alice"}, MakeMessage(subject));
  (void)WaitForLetter("bob", subject);
  (void)WaitForLetter("alice", subject);
}

// Whose mailbox, and whose home? The others are served, and these wait for the administrator.
TEST_F(Alias, DefersWhatIsNobodysOwn) {
  const auto subject = MakeSubject();
  {
    const Aliases aliases("mine: !, bob\nhome: ~/box, ~/Maildir/, carol\n");
    Send("root", {"mine", "home"}, MakeMessage(subject));
    (void)WaitForLetter("bob", subject);
    (void)WaitForLetter("carol", subject);
    ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
    const auto listing = Check({"mailq"});
    EXPECT_NE(listing.find("/etc/aliases:1: '!' names no user here"), listing.npos) << listing;
    EXPECT_NE(listing.find("/etc/aliases:2: '~/"), listing.npos) << listing;
    const auto checked = Execute({{"newaliases"}});
    EXPECT_EQ(checked.status, 0);
    EXPECT_NE(checked.err.find("/etc/aliases:1:"), checked.err.npos) << checked.err;
    EXPECT_NE(checked.err.find("/etc/aliases:2:"), checked.err.npos) << checked.err;
  }
  const Aliases mended("mine: !alice, bob\nhome: carol\n");
  ASSERT_TRUE(FlushAll()) << DescribeQueue();
  for (const char* user : {"alice", "bob", "carol"}) EXPECT_EQ(FindLetters(user, subject).size(), 1U) << user;
}

class ForwardFile : public SystemTest {};

TEST_F(ForwardFile, OfOneMarkMeansTheMailbox) {
  for (const char* text : {"!\n", "\\\n", "\"!\"\n", " ! # mine\n"}) {
    SCOPED_TRACE(text);
    const HomeFile forward("alice", ".forward", text);
    const auto subject = MakeSubject();
    Send("bob", {"alice"}, MakeMessage(subject));
    (void)WaitForLetter("alice", subject);
    ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
    EXPECT_EQ(FindLetters("alice", subject).size(), 1U);
  }
  EXPECT_EQ(Check({"mailqueuectl", "status"}).find(".forward"), std::string::npos);
}

TEST_F(ForwardFile, SendsOnAndKeepsACopy) {
  Receiver receiver;
  const Configuration configuration(RelayTo("smtp+notls://" + receiver.At()));
  const HomeFile forward("alice", ".forward", "# comment\n\\alice, bob\next@example.net\n");
  const auto subject = MakeSubject();
  Send("carol", {"-f", "carol@example.org", "alice"}, MakeMessage(subject));
  const auto received = receiver.WaitFor(subject);
  EXPECT_EQ(received.recipients.size(), 1U);
  EXPECT_NE(received.sender.find("carol@example.org"), received.sender.npos);
  EXPECT_TRUE(received.Content().Field("Delivered-To").starts_with("alice@")) << received.message;
  EXPECT_EQ(WaitForLetter("alice", subject).Count("Delivered-To"), 1U);
  EXPECT_EQ(WaitForLetter("bob", subject).Field("X-Original-To"), "alice");
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(ForwardFile, LeadsToMaildirAndFile) {
  const HomeFile forward("alice", ".forward", "~/Maildir/, /home/alice/box\n!\n");
  const auto subject = MakeSubject();
  Send("root", {"alice"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(MaildirFiles("/home/alice/Maildir").size(), 1U);
  EXPECT_TRUE(HasText("/home/alice/box", "Subject: " + subject));
  fs::remove_all("/home/alice/Maildir");
  fs::remove("/home/alice/box");
}

TEST_F(ForwardFile, RunsACommandAsItsUserWithAFixedEnvironment) {
  const HomeFile script(
      "alice", "tool",
      "#!/bin/sh\nexec >/home/alice/out 2>&1\nid -u; id -Gn; pwd; env | sort; ls -l /proc/self/fd\n"
      "printf '%s\\n' \"$@\"; cat\n",
      0755);
  const HomeFile forward("alice", ".forward", "\"|/home/alice/tool -x 'two words' '$HOME' ';' id\"\n");
  const auto subject = MakeSubject();
  Send("root", {"-f", "|id$HOME@example.org", "\"alice+;id;$(id)\""}, MakeMessage(subject, "The body.\n"));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty, kSoon, {"/home/alice"})) << DescribeQueue();
  const auto out = TextOf("/home/alice/out");
  fs::remove("/home/alice/out");
  for (const char* line : {"HOME=/home/alice\n", "USER=alice\n", "LOGNAME=alice\n", "LANG=C.UTF-8\n",
                           "SENDER=|id$HOME@example.org\n", "EXTENSION=;id;$(id)\n",
                           "-x\ntwo words\n$HOME\n;\nid\n", "\nThe body.\n", "\n/home/alice\n"})
    EXPECT_NE(out.find(line), out.npos) << line << " in\n" << out;
  EXPECT_EQ(out.find("LD_"), out.npos);
  EXPECT_EQ(out.find("NOTIFY"), out.npos);
  EXPECT_EQ(out.find("INVOCATION"), out.npos);
  EXPECT_EQ(out.find(" 4 -> "), out.npos) << "more than its standard descriptors and that of ls:\n" << out;
}

TEST_F(ForwardFile, JudgesACommandByItsStatus) {
  const struct {
    const char* command;
    const char* status;
  } cases[] = {{"/bin/sh -c 'echo unknown here; exit 67'", "5.1.1"},
               {"/bin/sh -c 'echo not allowed; exit 77'", "5.7."}};
  for (const auto& c : cases) {
    const HomeFile forward("bob", ".forward", std::string("|") + c.command + "\n");
    Send("alice", {"bob"}, MakeMessage(MakeSubject()));
    const auto bounce = Bounce("alice");
    EXPECT_NE(bounce.find(std::string("Status: ") + c.status), bounce.npos) << bounce;
    EXPECT_TRUE(bounce.find("unknown here") != bounce.npos || bounce.find("not allowed") != bounce.npos)
        << bounce;
    ASSERT_TRUE(WaitUntil(IsQueueEmpty));
    fs::remove(MailboxPath("alice"));
  }
}

TEST_F(ForwardFile, DefersACommandThatAsksForItOrIsKilled) {
  for (const char* command : {"/bin/sh -c 'exit 75'", "/bin/sh -c 'kill -9 $$'", "/no/such/command"}) {
    const HomeFile forward("bob", ".forward", std::string("|") + command + "\n");
    Send("alice", {"bob"}, MakeMessage(MakeSubject()));
    ASSERT_TRUE(WaitUntil([] { return !FirstDeferral().empty(); })) << command << DescribeQueue();
    EXPECT_TRUE(MailboxText("alice").empty()) << command;
    const HomeFile nothing("bob", ".forward", "!\n");
    Check({"mailqueuectl", "flush"});
    ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  }
}

TEST_F(ForwardFile, MayHaveACommandThatSendsMail) {
  const HomeFile script(
      "alice", "reply",
      "#!/bin/sh\ncat >/dev/null\n/usr/sbin/sendmail bob <<END\nSubject: reply\n\nok\nEND\n", 0755);
  const HomeFile forward("alice", ".forward", "|/home/alice/reply\n");
  Send("root", {"alice"}, MakeMessage(MakeSubject()));
  EXPECT_EQ(WaitForLetter("bob", "reply").body, "ok\n") << DescribeQueue();
}

TEST_F(ForwardFile, WithATypoLosesNothing) {
  const HomeFile forward("alice", ".forward", "bob\n\"|/bin/x 'open\"\n");
  const auto subject = MakeSubject();
  Send("root", {"alice"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  (void)WaitForLetter("bob", subject);
  const auto status = Check({"mailqueuectl", "status"});
  EXPECT_NE(status.find("/home/alice/.forward:2"), status.npos) << status;
}

TEST_F(ForwardFile, ThatIsUnsafeMeansTheMailbox) {
  const HomeFile forward("alice", ".forward", "bob\n", 0666);
  const auto subject = MakeSubject();
  Send("root", {"alice"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  const auto route = Check({"mailqueuectl", "route", "alice"});
  EXPECT_NE(route.find("/home/alice/.forward: is not used: it can be written by everybody"), route.npos)
      << route;
  EXPECT_TRUE(FindLetters("bob", subject).empty());
}

TEST_F(ForwardFile, ThatIsNoFileHangsNobody) {
  const std::string path = "/home/alice/.forward";
  ASSERT_EQ(::mkfifo(path.c_str(), 0644), 0);
  Give(path, "alice");
  const auto first = MakeSubject();
  Send("root", {"alice"}, MakeMessage(first));
  (void)WaitForLetter("alice", first);
  fs::remove(path);
  fs::create_symlink("/dev/zero", path);
  const auto second = MakeSubject();
  Send("root", {"alice", "bob"}, MakeMessage(second));
  for (const char* user : {"alice", "bob"}) (void)WaitForLetter(user, second);
  fs::remove(path);
}

TEST_F(ForwardFile, GoesInNoCircles) {
  const HomeFile alice("alice", ".forward", "bob\n");
  const HomeFile bob("bob", ".forward", "alice, :include:/home/bob/.forward\n");
  const auto subject = MakeSubject();
  Send("root", {"alice"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_EQ(FindLetters("alice", subject).size(), 1U);
}

TEST_F(ForwardFile, OfADetailComesFirst) {
  const HomeFile forward("alice", ".forward", "bob\n");
  const HomeFile detail("alice", ".forward+lists", "carol\n");
  const auto subject = MakeSubject();
  Send("root", {"alice+lists"}, MakeMessage(subject));
  (void)WaitForLetter("carol", subject);
  const auto other = MakeSubject();
  Send("root", {"alice+other"}, MakeMessage(other));
  (void)WaitForLetter("bob", other);
}

TEST_F(ForwardFile, OfRootNamesNoCommandsAndNoFiles) {
  const SetupFile forward("/root/.forward", "alice, \"|/bin/sh -c 'touch /root/ran'\", /root/written\n");
  const auto subject = MakeSubject();
  Send("alice", {"root"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  (void)WaitForLetter("root", subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_FALSE(fs::exists("/root/ran") || fs::exists("/root/written"));
}

class Mailboxes : public SystemTest {};

TEST_F(Mailboxes, AreMaildirsWhereTheConfigurationSaysSo) {
  const Configuration configuration("[Local]\nMailbox=~/Maildir/\n");
  const auto subject = MakeSubject();
  Send("root", {"alice", "bob"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  for (const char* user : {"alice", "bob"}) {
    const std::string maildir = std::string("/home/") + user + "/Maildir";
    EXPECT_EQ(MaildirFiles(maildir).size(), 1U);
    fs::remove_all(maildir);
  }
}

TEST_F(Mailboxes, MayBeACommand) {
  const SetupFile script("/usr/local/bin/test-mda", "#!/bin/sh\ncat >>\"$HOME/mda\"\n", 0755);
  const Configuration configuration("[Local]\nMailbox=|/usr/local/bin/test-mda -d\n");
  const HomeFile forward("bob", ".forward", "carol\n");
  const auto subject = MakeSubject();
  Send("root", {"alice", "bob", "root"}, MakeMessage(subject));
  (void)WaitForLetter("root", subject);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_TRUE(HasText("/home/alice/mda", "Subject: " + subject));
  EXPECT_TRUE(HasText("/home/carol/mda", "Subject: " + subject));
  EXPECT_FALSE(fs::exists("/home/bob/mda"));
  fs::remove("/home/alice/mda");
  fs::remove("/home/carol/mda");
}

TEST_F(Mailboxes, MayBehindAnLmtpServerShareATransaction) {
  Receiver receiver({"--lmtp"});
  const Configuration configuration("[Local]\nMailbox=lmtp://" + receiver.At() + "\n");
  const auto subject = MakeSubject();
  Send("root", {"alice", "bob+x"}, MakeMessage(subject));
  const auto received = receiver.WaitFor(subject);
  EXPECT_EQ(received.recipients.size(), 2U);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}

TEST_F(Mailboxes, AreNotHereOnANullClient) {
  Receiver receiver;
  const Configuration configuration(RelayTo("smtp+notls://" + receiver.At()) +
                                    "[Local]\nEnabled=no\n[Mail]\nDomain=example.org\n");
  const auto subject = MakeSubject();
  Send("alice", {"root"}, MakeMessage(subject));
  EXPECT_NE(receiver.WaitFor(subject).recipients.at(0).find("root@example.org"), std::string::npos);
  EXPECT_NE(Check({"mailqueuectl", "status"}).find("No alias says who reads root's mail"), std::string::npos);
  const Aliases aliases("root: me@example.net\n");
  const auto second = MakeSubject();
  Send("alice", {"root"}, MakeMessage(second));
  EXPECT_NE(receiver.WaitFor(second).recipients.at(0).find("me@example.net"), std::string::npos);
  EXPECT_EQ(Check({"mailqueuectl", "status"}).find("No alias"), std::string::npos);
}

class Masquerade : public SystemTest {};

TEST_F(Masquerade, HidesThisMachineFromOthers) {
  Receiver receiver;
  const Configuration configuration(RelayTo("smtp+notls://" + receiver.At()) +
                                    "[Mail]\nMasquerade=example.org\nMasqueradeHeader=yes\n");
  const auto subject = MakeSubject();
  Send("alice", {"friend@example.net", "bob"}, MakeMessage(subject));
  const auto received = receiver.WaitFor(subject);
  EXPECT_NE(received.sender.find("<alice@example.org>"), received.sender.npos) << received.sender;
  EXPECT_NE(received.Content().Field("From").find("alice@example.org"), std::string::npos)
      << received.message;
  EXPECT_EQ(WaitForLetter("bob", subject).Field("Return-Path").find("example.org"), std::string::npos);
  const auto foreign = MakeSubject();
  Send("alice", {"-f", "list@example.com", "friend@example.net"}, MakeMessage(foreign));
  const auto other = receiver.WaitFor(foreign);
  EXPECT_NE(other.sender.find("<list@example.com>"), other.sender.npos) << other.sender;
}

class Loop : public SystemTest {};

TEST_F(Loop, IsSeenByDeliveredTo) {
  const auto host = Check({"hostname"});
  const auto field = "Delivered-To: alice@" + host.substr(0, host.find('\n')) + "\n";
  const auto subject = MakeSubject();
  Send("bob", {"alice"}, field + MakeMessage(subject));  // as from her mailbox: formail -s sendmail alice
  EXPECT_EQ(WaitForLetter("alice", subject).Count("Delivered-To"), 2U);
  Send("bob", {"alice"}, field + field + MakeMessage(MakeSubject()));
  const auto bounce = Bounce("bob");
  EXPECT_NE(bounce.find("5.4.6"), bounce.npos) << bounce;
}

TEST_F(Loop, IsSeenByTheNumberOfServers) {
  std::string received;
  for (int i = 0; i < 101; ++i) received += "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\n";
  Send("bob", {"alice"}, received + MakeMessage(MakeSubject()));
  const auto bounce = Bounce("bob");
  EXPECT_NE(bounce.find("5.4.6"), bounce.npos) << bounce;
}

class Route : public SystemTest {};

TEST_F(Route, NamesTheLineOfEachEntry) {
  const Aliases aliases(
      "team:\n alice,\n <>x,\n box\nbox: /srv/nowhere/box, \"|/bin/nothing\"\na: b\nb: a\n");
  const HomeFile list("alice", "list", "# two\nbob@example.org\n");
  const HomeFile forward("alice", ".forward", "\\alice,\n ~/Maildir/\n:include:~/list\n|x\n");
  const Configuration configuration("[Relay]\nHost=smtp://relay.example\n");
  const auto told = Execute({{"mailqueuectl", "route", "team", "a"}});
  EXPECT_EQ(told.status, 67);
  EXPECT_EQ(
      told.out,
      "team (/etc/aliases:1):\n"
      "  alice (/etc/aliases:2; /home/alice/.forward):\n"
      "    /home/alice/.forward:4: '|x' has no absolute path and runs in no shell; write |/path/of/command, "
      "or |/bin/sh -c '…' -> has no effect: the mailbox stands in for it\n"
      "    ! (/home/alice/.forward:4) -> /var/mail/alice as alice\n"
      "    \\alice (/home/alice/.forward:1) -> /var/mail/alice as alice\n"
      "    ~/Maildir/ (/home/alice/.forward:2) -> ~/Maildir/ as alice\n"
      "    bob@example.org (/home/alice/list:2; [Relay] Host=, "
      "/etc/mailqueue/mailqueue.conf.d/50-test.conf:2) -> smtp://relay.example for bob@example.org\n"
      "  box (/etc/aliases:4; /etc/aliases:5):\n"
      "    /srv/nowhere/box -> deferred 4.2.0: Mailbox '/srv/nowhere/box': 'nowhere': No such file or "
      "directory\n"
      "    \"|/bin/nothing\" -> deferred 4.3.5: command '/bin/nothing' can't be started: No such file or "
      "directory\n"
      "  /etc/aliases:3: '<>x' is no address, path or command -> has no effect\n"
      "a (/etc/aliases:6):\n"
      "  b (/etc/aliases:7):\n"
      "    a -> failed 5.4.6: aliases lead in a circle: see mailqueuectl route\n"
      "  b@host.example: leads in a circle to 'a' -> has no effect\n");
}

TEST_F(Route, IsToldAndNothingSent) {
  const Aliases aliases("team: alice,\n ext@example.net, nobody-here\n");
  const HomeFile forward("alice", ".forward", "\\alice, \"|/bin/cat\"\n");
  const Configuration configuration("[Relay]\nHost=smtp://relay.example\n");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"mailqueuectl", "route", "team"}, {"sendmail", "-bv", "team"}}) {
    const auto ended = Execute({words});
    EXPECT_EQ(ended.status, 67) << ended.err;
    for (const char* part :
         {"/etc/aliases:1", "/home/alice/.forward", "/var/mail/alice", "relay.example", "/bin/cat", "5.1.1"})
      EXPECT_NE(ended.out.find(part), ended.out.npos) << part << " in\n" << ended.out;
  }
  const auto others = Execute({{"mailqueuectl", "route", "alice"}, "bob"});
  EXPECT_EQ(others.status, 0) << others.err;
  EXPECT_EQ(others.out.find("/bin/cat"), others.out.npos) << others.out;
  EXPECT_TRUE(MailboxText("alice").empty());
  EXPECT_TRUE(IsQueueEmpty());
}

// Postfix's way to run a list's programs as its own user.
TEST_F(Alias, RunsWhatAnIncludedFileSaysAsItsOwner) {
  const Place place("bob");
  const SetupFile list(place / "list", "\"|/usr/bin/tee " + (place / "out") + "\"\n");
  Give(place / "list", "bob");
  const Aliases aliases("tickets: :include:" + (place / "list") + "\n");
  const auto subject = MakeSubject();
  Send("alice", {"tickets"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil([&] { return HasText(place / "out", subject); })) << DescribeQueue();
  struct stat status {};
  ASSERT_EQ(::stat((place / "out").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, ::getpwnam("bob")->pw_uid);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}

// As systemd.unit(5) shows it: whoever mails root from there must not do so for what a command says.
TEST_F(ForwardFile, HasNoUnitThatFailsWhenACommandSaysNo) {
  fs::create_directories("/etc/systemd/system/service.d");
  {
    const SetupFile for_all("/etc/systemd/system/service.d/test.conf",
                            "[Unit]\nOnFailure=test-told.service\n");
    const SetupFile told("/run/systemd/system/test-told.service",
                         "[Service]\nType=oneshot\nExecStart=/usr/bin/touch /run/test-told\n");
    Check({"systemctl", "daemon-reload"});
    for (const char* command : {"exit 1", "kill -SEGV $$"}) {
      const HomeFile forward("alice", ".forward", "|/bin/sh -c '" + std::string(command) + "'\n");
      Send("bob", {"alice"}, MakeMessage(MakeSubject()));
      ASSERT_TRUE(WaitUntil([] { return IsQueueEmpty() || IsTried(); })) << DescribeQueue();
    }
    const auto failed = Check({"systemctl", "--failed", "--plain", "--no-legend"});
    EXPECT_EQ(failed.find("mailqueue-command"), failed.npos) << failed;
    EXPECT_FALSE(fs::exists("/run/test-told"));
  }
  fs::remove("/etc/systemd/system/service.d");
  Check({"systemctl", "daemon-reload"});
}

TEST_F(ForwardFile, PutsTheMailOfACommandForAShellIntoTheMailbox) {
  const HomeFile forward("alice", ".forward", "\"|/bin/cat >>/srv/nowhere\"\n");
  const auto subject = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  EXPECT_NE(Check({"mailqueuectl", "route", "alice"}).find("runs in no shell"), std::string::npos);
}
