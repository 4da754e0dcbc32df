// SPDX-License-Identifier: BSD-2-Clause
// What a person sees and says: mailq, sendmail -q, the D-Bus interface, the configuration, an idle machine.
#include "base/text.hxx"
#include "fixture.hxx"

#include <fmt/format.h>

#include <sysexits.h>

#include <algorithm>
#include <filesystem>

using namespace machine;

namespace {

constexpr std::chrono::seconds kIdle{25};  // from the last message to no process at all

std::vector<std::string> BusCall(const std::string& method) {
  return {
      "busctl", "--system", "call", "org.mailqueue.Queue1", "/org/mailqueue/Queue1", "org.mailqueue.Queue1",
      method};
}

// A message of this user that waits for a relay which is not there.
std::string Hold(const std::string& user) {
  const auto before = ReadQueue().size();
  Send(user, {"friend@remote.example"}, MakeMessage(MakeSubject()));
  std::vector<mail::Envelope> queue;
  const auto waits = [&] {
    queue = ReadQueue();
    return queue.size() == before + 1 &&
           std::ranges::all_of(queue, [](const auto& envelope) { return envelope.attempts > 0; });
  };
  EXPECT_TRUE(WaitUntil(waits)) << DescribeQueue();
  return std::ranges::max(queue, {}, &mail::Envelope::id).id.ToString();
}

}  // namespace

class Control : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    receiver.Stop();
  }
  Receiver receiver;
  const Configuration configuration{"[Relay]\nHost=smtp+notls://" + receiver.At() + "\n"};
};

TEST_F(Control, MailqShowsRootEverythingAndUsersTheirOwn) {
  const auto of_alice = Hold("alice");
  const auto of_bob = Hold("bob");
  for (const auto& words : std::vector<std::vector<std::string>>{{"mailq"}, {"sendmail", "-bp"}}) {
    const auto root = Execute({.words = words});
    EXPECT_EQ(root.status, 0) << root.err;
    for (const auto& text : {of_alice, of_bob, std::string("friend@remote.example")})
      EXPECT_NE(root.out.find(text), std::string::npos) << text << " in\n" << root.out;
    const auto alice = Execute({.words = words, .user = "alice"});
    EXPECT_EQ(alice.status, 0) << alice.err;
    EXPECT_NE(alice.out.find(of_alice), std::string::npos) << alice.out;
    EXPECT_EQ(alice.out.find(of_bob), std::string::npos) << alice.out;
    const auto monitor = Execute({.words = words, .user = "carol"});
    EXPECT_NE(monitor.out.find("-- 0 Kbytes in 2 Requests."), std::string::npos) << monitor.out;
  }
}

TEST_F(Control, MailqOfAnEmptyQueueSucceeds) {
  for (const char* user : {"root", "alice"}) {
    const auto ended = Execute({.words = {"mailq"}, .user = user});
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
  }
}

TEST_F(Control, FlushMakesEverythingDueNow) {
  const std::vector<std::vector<std::string>> ways = {
      {"sendmail", "-q"}, {"mailqueuectl", "flush"}, BusCall("Flush")};
  for (const auto& words : ways) {
    (void)Hold("alice");
    receiver.Start();
    Check(words);
    EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << words[0] << DescribeQueue();
    EXPECT_EQ(receiver.Counter("messages"), 1U) << words[0];
    receiver.Stop();
  }
}

TEST_F(Control, FlushOfOneMessageLeavesTheOthers) {
  const auto first = Hold("alice");
  const auto second = Hold("alice");
  receiver.Start();
  const auto by_bob = Execute({.words = {"sendmail", "-qI" + first}, .user = "bob"});
  EXPECT_EQ(by_bob.status, EX_DATAERR) << "it is not bob's";
  EXPECT_NE(by_bob.err.find("no message '" + first + "'"), std::string::npos) << by_bob.err;
  EXPECT_EQ(Execute({.words = {"sendmail", "-qI", first}, .user = "alice"}).err, "");
  EXPECT_TRUE(WaitUntil([] { return ReadQueue().size() == 1; })) << DescribeQueue();
  EXPECT_EQ(ReadQueue()[0].id.ToString(), second);
  Check({"mailqueuectl", "flush", second});
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_EQ(receiver.Counter("messages"), 2U);
  EXPECT_EQ(Execute({.words = {"mailqueuectl", "flush", second}}).status, EX_DATAERR) << "it has left";
}

TEST_F(Control, StopIsCleanAndLosesNothing) {
  (void)Hold("alice");
  for (const char* unit : {"mailqueue.service", "mailqueue-relay.service", "mailqueue-launcher.service"}) {
    Check({"systemctl", "stop", unit});
    EXPECT_EQ(UnitProperty(unit, "Result"), "success") << unit;
  }
  EXPECT_EQ(ReadQueue().size(), 1U);
}

TEST_F(Control, WaitingMailStartsTheServiceAtBoot) {
  (void)Hold("alice");
  Check({"systemctl", "stop", "mailqueue.service"});
  Journal journal;
  Check({"systemctl", "start", "mailqueue-boot.service"});
  EXPECT_TRUE(journal.WaitFor("Started mailqueue.service"));
  receiver.Start();
  Check({"sendmail", "-q"});
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}

TEST_F(Control, RestartGoesOnWithTheQueue) {
  const Configuration quick(RelayTo("smtp+notls://" + receiver.At()));
  (void)Hold("alice");
  Check({"systemctl", "stop", "mailqueue.service"});
  receiver.Start();
  Check({"systemctl", "start", "mailqueue.service"});
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}

TEST_F(Control, ListsTheMessagesOnTheBus) {
  const auto id = Hold("alice");
  const auto list = Check(BusCall("ListMessages"));
  for (const auto& text : {id, std::string("friend@remote.example"), std::string("deferred")})
    EXPECT_NE(list.find(text), std::string::npos) << text << " in\n" << list;
  const auto bob = Execute({.words = BusCall("ListMessages"), .user = "bob"});
  EXPECT_EQ(bob.status, 0) << bob.err;
  EXPECT_EQ(bob.out.find(id), std::string::npos) << bob.out;
}

TEST_F(Control, ACallOnTheBusStartsTheService) {
  ASSERT_TRUE(WaitForOnly({}, kIdle));
  const auto list = Check(BusCall("ListMessages"));
  EXPECT_TRUE(list.starts_with("a(")) << list;
  EXPECT_TRUE(WaitForOnly({}, kIdle)) << "it does not leave again";
}

class Idle : public SystemTest {};

TEST_F(Idle, NothingRemainsAndMailStartsEverythingAgain) {
  Receiver receiver;
  const Configuration configuration(RelayTo("smtp+notls://" + receiver.At()));
  const auto send = [&] {
    const auto subject = MakeSubject();
    Send("alice", {"bob", "friend@remote.example"}, MakeMessage(subject));
    (void)WaitForLetter("bob", subject);
    (void)receiver.WaitFor(subject);
    ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  };
  send();
  ASSERT_TRUE(WaitForOnly({}, kIdle)) << MailqueueProcesses()[0].name;
  for (const char* unit : {"mailqueue.service", "mailqueue-relay.service", "mailqueue-launcher.service"}) {
    EXPECT_EQ(UnitProperty(unit, "ActiveState"), "inactive") << unit;
    EXPECT_EQ(UnitProperty(unit, "Result"), "success") << unit;
  }
  EXPECT_EQ(Check({"systemctl", "list-units", "--all", "--plain", "--no-legend", "mailqueue-deliver-*"}), "");
  send();
}

// As early at boot, where its socket is there and it is not yet.
class HungBus : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    Signal("-STOP");
  }
  void TearDown() override {
    Signal("-CONT");
    SystemTest::TearDown();
  }

 private:
  static void Signal(const char* signal) { Check({"pkill", signal, "-x", "dbus-daemon"}); }
};

TEST_F(HungBus, KeepsNoMail) {
  Receiver receiver;
  const SetupFile configuration(Configuration::kPath, RelayTo("smtp+notls://" + receiver.At()));
  const auto subject = MakeSubject();
  Send("alice", {"friend@remote.example"}, MakeMessage(subject));
  (void)receiver.WaitFor(subject);
}

class Mistakes : public SystemTest {};

TEST_F(Mistakes, InTheConfigurationAreWarningsWithFileAndLine) {
  Journal journal;
  const Configuration configuration(
      "[Queue]\nRetryMin=soon\n\n[Local]\nMailboxx=/tmp\n[Nothing]\nx=y\nno assignment\n");
  const auto subject = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(subject));
  EXPECT_EQ(WaitForLetter("bob", subject).body, "A line.\n");
  std::string all;
  for (const auto& text : journal.Rest()) all += text + "\n";
  for (const int line : {2, 5, 6, 8})
    EXPECT_NE(all.find(fmt::format("{}:{}: ", Configuration::kPath, line)), std::string::npos)
        << line << " in\n"
        << all;
}

TEST_F(Mistakes, ThatMakeAFileUnreadableSendNothingAnotherWay) {
  const SetupFile configuration(Configuration::kPath, "[Relay]\nHost=smtp://relay.example\n", 0600);
  const auto subject = MakeSubject();
  Send("bob", {"alice", "ghost", "friend@remote.example"}, MakeMessage(subject));
  (void)WaitForLetter("alice", subject);
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  const auto list = Check({"mailqueuectl", "list"});
  EXPECT_NE(list.find("ghost: 4.3.5 "), list.npos) << list;
  EXPECT_NE(list.find("friend@remote.example: 4.3.5 a file of the configuration can't be read"), list.npos)
      << list;
}

TEST_F(Mistakes, InTheConfigurationAreNeverAnOutage) {
  const Configuration configuration(std::string("\0\xff garbage [[[\nHost=\n[Relay]\nHost=ftp://x\n", 38));
  const auto subject = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(subject));
  (void)WaitForLetter("bob", subject);
  Check({"systemctl", "try-reload-or-restart", "mailqueue.service"});
  const auto second = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(second));
  (void)WaitForLetter("bob", second);
}

class Settings : public SystemTest {};

TEST_F(Settings, OfMailAreUsed) {
  Receiver receiver;
  const Configuration configuration(
      RelayTo("smtp+notls://" + receiver.At()) +
      "[Mail]\nHostname=mx.example.net\nDomain=example.net\nLocalDomains=localhost "
      "home.example\n");
  const auto subject = MakeSubject();
  Send("alice", {"bob@home.example", "friend@example.net"}, MakeMessage(subject));
  (void)WaitForLetter("bob", subject);
  const auto received = receiver.WaitFor(subject);
  EXPECT_EQ(received.hello, "EHLO mx.example.net");
  EXPECT_TRUE(received.sender.starts_with("<alice@example.net>")) << received.sender;
}

TEST_F(Settings, OfTheMailboxAreUsed) {
  const Configuration configuration("[Local]\nMailbox=~/mail-of-%u\n");
  const std::string path = "/home/alice/mail-of-alice";
  const auto subject = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(subject));
  ASSERT_TRUE(
      WaitUntil([&] { return std::filesystem::exists(path) && IsQueueEmpty(); }, kSoon, {"/home/alice"}))
      << DescribeQueue();
  EXPECT_NE(Check({"cat", path}).find("Subject: " + subject + "\n"), std::string::npos);
  EXPECT_EQ(MailboxText("alice"), "");
  std::filesystem::remove(path);
}
