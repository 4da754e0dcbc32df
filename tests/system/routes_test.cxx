// SPDX-License-Identifier: BSD-2-Clause
// Which relay a message goes to, and what happens when that one does not take it.
#include "fixture.hxx"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

using namespace machine;

namespace {

const std::string kQuick = "[Queue]\nRetryMin=1s\n";

std::string Plain(const Receiver& receiver) {
  return "smtp+notls://" + receiver.At();
}

void SendFrom(const std::string& sender, const std::string& recipient) {
  Send("alice", {"-f", sender, recipient}, MakeMessage(MakeSubject()));
}

std::vector<std::string> RecipientsOf(const Receiver& receiver) {
  std::vector<std::string> all;
  for (const auto& received : receiver.All())
    all.insert(all.end(), received.recipients.begin(), received.recipients.end());
  std::ranges::sort(all);
  return all;
}

// Every message has had an attempt, and none has gone.
bool AreDeferred(std::size_t count) {
  const auto queue = ReadQueue();
  return queue.size() == count &&
         std::ranges::all_of(queue, [](const auto& envelope) { return envelope.attempts > 0; });
}

std::string TextOfResult() {
  const auto queue = ReadQueue();
  if (queue.empty() || !queue[0].recipients[0].result) return "nothing";
  const auto& result = *queue[0].recipients[0].result;
  return result.status + " " + result.text;
}

}  // namespace

class Routes : public SystemTest {
 protected:
  using Words = std::vector<std::string>;

  Receiver one;
  Receiver two;
};

TEST_F(Routes, TheNextRelayTakesWhatTheFirstOneDoesNot) {
  const Configuration configuration("[Relay]\nHost=" + Plain(one) + " " + Plain(two) + "\n" + kQuick);
  SendFrom("alice", "a@remote.example");
  ASSERT_TRUE(one.WaitForCount(1));
  one.Stop();
  SendFrom("alice", "b@remote.example");
  ASSERT_TRUE(two.WaitForCount(1));
  one.Start();
  one.SetRules("CONNECT 554 5.7.1 not you\n");
  SendFrom("alice", "c@remote.example");
  ASSERT_TRUE(two.WaitForCount(2));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  two.Stop();
  SendFrom("alice", "d@remote.example");
  ASSERT_TRUE(WaitUntil([] { return AreDeferred(1); })) << DescribeQueue();
  const auto text = TextOfResult();
  for (const auto& part : {Plain(one) + ": ", Plain(two) + ": Failed to connect"})
    EXPECT_NE(text.find(part), text.npos) << text;
  one.SetRules("");
  ASSERT_TRUE(one.WaitForCount(1));
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(Routes, RelaysShareTheMailByWeight) {
  const Configuration configuration("[Relay]\nHost=" + Plain(one) + "*3|" + Plain(two) + "\n");
  constexpr std::size_t kCount = 60;
  for (std::size_t i = 0; i < kCount; ++i) SendFrom("alice", fmt::format("u{}@remote.example", i));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  const auto first = one.All().size();
  const auto second = two.All().size();
  EXPECT_EQ(first + second, kCount);
  EXPECT_GT(second, 1U);
  EXPECT_GT(first, second);
}

TEST_F(Routes, ChoosesBySenderAndRecipient) {
  Receiver three;
  const Configuration configuration("[Relay]\nHost=" + Plain(one) + "\n[Relay.work]\nHost=" + Plain(two) +
                                    "\nSenders=@work.example\n[Relay.house]\nHost=" + Plain(three) +
                                    "\nRecipients=.lan, boss@remote.example\n");
  SendFrom("me@home.example", "a@remote.example");
  SendFrom("me@work.example", "b@remote.example");
  SendFrom("me@work.example", "c@printer.lan");
  SendFrom("me@home.example", "boss@remote.example");
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(RecipientsOf(one), Words{"<a@remote.example>"});
  EXPECT_EQ(RecipientsOf(two), Words{"<b@remote.example>"});
  EXPECT_EQ(RecipientsOf(three), (Words{"<boss@remote.example>", "<c@printer.lan>"}));
  const auto route = Check({"mailqueuectl", "route", "-f", "me@work.example", "x@remote.example"});
  for (const auto& part :
       {Plain(two), std::string("[Relay.work] Senders="), std::string(Configuration::kPath)})
    EXPECT_NE(route.find(part), route.npos) << route;
  EXPECT_NE(Check({"mailqueuectl", "route", "x@printer.lan"}).find("[Relay.house] Recipients="),
            std::string::npos);
}

TEST_F(Routes, ATableChoosesAndIsReadAgain) {
  const std::string path = "/etc/mailqueue/relays-test";
  const SetupFile table(path, "special.example: " + Plain(two) + "\n");
  const Configuration configuration("[Relay]\nHost=" + Plain(one) + "\nMap=file:" + path + "\n");
  SendFrom("alice", "a@special.example");
  SendFrom("alice", "b@remote.example");
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(RecipientsOf(one), Words{"<b@remote.example>"});
  EXPECT_EQ(RecipientsOf(two), Words{"<a@special.example>"});
  const auto route = Check({"mailqueuectl", "route", "x@special.example"});
  EXPECT_NE(route.find(path + ":1"), route.npos) << route;
  std::ofstream(path) << "b@remote.example: " << Plain(two) << "\n";
  SendFrom("alice", "a@special.example");
  SendFrom("alice", "b@remote.example");
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(RecipientsOf(one), (Words{"<a@special.example>", "<b@remote.example>"}));
  EXPECT_EQ(RecipientsOf(two), (Words{"<a@special.example>", "<b@remote.example>"}));
}

TEST_F(Routes, SaysWhoItIsFromWhereItIsTold) {
  const Configuration configuration("[Relay]\nHost=" + Plain(one) +
                                    "\nSourceAddress=127.0.0.9\nHelo=told.example\n[Relay.other]\nSenders="
                                    "@other.example\nHelo=other.example\n[Relay.third]\n"
                                    "Senders=@third.example\nSourceAddress=static:third.example=127.0.0.10");
  SendFrom("alice", "a@remote.example");
  ASSERT_TRUE(one.WaitForCount(1));
  SendFrom("me@other.example", "b@remote.example");
  ASSERT_TRUE(one.WaitForCount(2));
  SendFrom("me@third.example", "c@remote.example");
  ASSERT_TRUE(one.WaitForCount(3));
  const auto received = one.All();
  EXPECT_EQ(received[0].peer, "127.0.0.9");
  EXPECT_EQ(received[0].hello, "EHLO told.example");
  EXPECT_EQ(received[1].peer, "127.0.0.9") << "what a section does not say is as in [Relay]";
  EXPECT_EQ(received[1].hello, "EHLO other.example");
  EXPECT_EQ(received[2].peer, "127.0.0.10");
  EXPECT_EQ(received[2].hello, "EHLO told.example");
  EXPECT_EQ(one.Counter("connections"), 3U);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(Routes, AHostThatIsNotUnderstoodHoldsItsMail) {
  const Configuration configuration("[Relay]\nHost=gopher://" + one.At() + "\n" + kQuick);
  SendFrom("alice", "a@remote.example");
  ASSERT_TRUE(WaitUntil([] { return AreDeferred(1); })) << DescribeQueue();
  EXPECT_NE(TextOfResult().find("[Relay] Host="), std::string::npos) << TextOfResult();
  EXPECT_NE(Check({"mailqueuectl", "status"}).find("is no protocol"), std::string::npos);
  std::ofstream(Configuration::kPath) << "[Relay]\nHost=" << Plain(one) << "\n";
  Check({"mailqueuectl", "flush"});
  EXPECT_TRUE(one.WaitForCount(1));
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

// One attempt a round, whatever waits there, and no other mail waits for it.
TEST_F(Routes, ARelayThatIsDownKeepsNobodyWaiting) {
  Receiver down;
  down.SetRules("CONNECT 421 4.3.2 not now\n");
  const Configuration configuration("[Relay]\nHost=" + Plain(one) + "\n[Relay.down]\nHost=" + Plain(down) +
                                    "\nRecipients=down.example\n[Queue]\nRetryMin=1h\n");
  constexpr std::size_t kCount = 100;
  for (std::size_t i = 0; i < kCount; ++i) SendFrom("alice", fmt::format("u{}@down.example", i));
  SendFrom("alice", "a@remote.example");
  ASSERT_TRUE(one.WaitForCount(1));
  ASSERT_TRUE(WaitUntil([] { return AreDeferred(kCount); })) << DescribeQueue();
  EXPECT_LE(down.Counter("connections"), 3U);
  const auto before = down.Counter("connections");
  Check({"mailqueuectl", "flush"});
  ASSERT_TRUE(WaitUntil([] {
    return std::ranges::all_of(ReadQueue(), [](const auto& envelope) { return envelope.attempts > 1; });
  })) << DescribeQueue();
  EXPECT_EQ(down.Counter("connections"), before + 1);
  down.SetRules("");
  Check({"mailqueuectl", "flush"});
  EXPECT_TRUE(down.WaitForCount(kCount));
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

class RouteLogins : public Routes {
 protected:
  static constexpr const char* kRight = "/etc/mailqueue/credentials/right";
  static constexpr const char* kWrong = "/etc/mailqueue/credentials/wrong";

  [[nodiscard]] static std::string With(const std::string& label, const Receiver& receiver) {
    return "smtp+notls://" + label + "@" + receiver.At();
  }

  const SetupFile right{kRight, "alice:secret\n", 0600};
  const SetupFile wrong{kWrong, "alice:guess\n", 0600};
  Receiver strict{{"--auth=PLAIN", "--user=alice", "--password=secret"}};
};

TEST_F(RouteLogins, NeverShareAConnection) {
  const SetupFile second("/etc/mailqueue/credentials/second", "alice:secret\n", 0600);
  const Configuration configuration("[Relay]\nHost=" + With("right", strict) +
                                    "\n[Relay.b]\nHost=" + With("second", strict) + "\nSenders=@b.example\n");
  SendFrom("me@a.example", "a@remote.example");
  ASSERT_TRUE(strict.WaitForCount(1));
  SendFrom("me@b.example", "b@remote.example");
  ASSERT_TRUE(strict.WaitForCount(2));
  const auto received = strict.All();
  EXPECT_NE(received[0].connection, received[1].connection);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(RouteLogins, OneThatIsRefusedMovesOnAndIsNotTriedAgain) {
  const Configuration configuration("[Relay]\nHost=" + With("wrong", strict) + " " + Plain(two) + "\n");
  for (std::size_t i = 1; i <= 5; ++i) {
    SendFrom("alice", fmt::format("u{}@remote.example", i));
    ASSERT_TRUE(two.WaitForCount(i));
  }
  EXPECT_EQ(strict.Counter("connections"), 1U);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(RouteLogins, OneThatIsRefusedNeverReturnsMail) {
  const Configuration configuration("[Relay]\nHost=" + With("wrong", strict) +
                                    "\n[Queue]\nRetryMin=1s\nRetryMax=1s\nLifetime=1s\n");
  SendFrom("alice", "a@remote.example");
  ASSERT_TRUE(WaitUntil([] { return TextOfResult().find("but not returned") != std::string::npos; }))
      << DescribeQueue();
  EXPECT_EQ(TextOfResult().substr(0, 5), "4.7.8");
  EXPECT_NE(Check({"mailqueuectl"}).find("older than Lifetime="), std::string::npos);
  EXPECT_EQ(MailboxText("alice"), "");
  std::ofstream(kWrong) << "alice:secret\n";
  EXPECT_TRUE(strict.WaitForCount(1));
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(RouteLogins, MayHaveAnEncryptedCredential) {
  const std::string path = "/etc/mailqueue/credentials.encrypted/sealed";
  const SetupFile credential(path, "");  // removed behind the test
  ASSERT_EQ(Execute({.words = {"systemd-creds", "encrypt", "--name=relay-sealed_sealed", "-", path},
                     .input = "alice:secret\n"})
                .status,
            0);
  const Configuration configuration("[Relay]\nHost=" + With("sealed", strict) + "\n");
  SendFrom("alice", "a@remote.example");
  EXPECT_TRUE(strict.WaitForCount(1));
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(RouteLogins, AreTested) {
  const Configuration configuration("[Relay]\nHost=" + With("right", strict) + "\n[Relay.bad]\nHost=" +
                                    With("wrong", strict) + " " + Plain(two) + "\nSenders=@b.example\n");
  const auto good = Check({"mailqueuectl", "relay", "test"});
  for (const std::string part : {"takes mail", "connected to 127.0.0.1:", "AUTH PLAIN", "'right' by PLAIN"})
    EXPECT_NE(good.find(part), good.npos) << good;
  const auto bad = Execute({{"mailqueuectl", "relay", "test", "bad"}});
  EXPECT_EQ(bad.status, 77) << bad.err;
  for (const auto& part :
       {std::string("takes no mail, 4.7.8"), std::string("refused"), Plain(two) + ": takes mail"})
    EXPECT_NE(bad.out.find(part), bad.out.npos) << bad.out;
  EXPECT_EQ(Execute({{"mailqueuectl", "relay", "test", "none"}}).status, 78);
  EXPECT_EQ(Execute({{"mailqueuectl", "relay", "test"}, "alice"}).status, 77);
  EXPECT_EQ(strict.Counter("messages"), 0U);
}
