// SPDX-License-Identifier: BSD-2-Clause
// Mail through a relay: transactions, outcomes, connections, and a relay that is not there.
#include "base/text.hxx"
#include "fixture.hxx"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

using namespace machine;

namespace {

std::vector<std::string> ManyRecipients(int count) {
  std::vector<std::string> recipients;
  for (int i = 0; i < count; ++i) recipients.push_back(fmt::format("user{}@remote.example", i));
  return recipients;
}

// In KiB.
long MemoryOf(const Process& process) {
  const Letter status{{}, TextOf(fmt::format("/proc/{}/status", process.pid)), {}};
  return ParseNumber<long>(SplitList(status.Field("VmRSS"), " ").at(0)).value();
}

}  // namespace

class Relay : public SystemTest {
 protected:
  Receiver receiver;
  const Configuration configuration{RelayTo("smtp+notls://" + receiver.At())};
};

TEST_F(Relay, CarriesTheMessageAndItsEnvelope) {
  const auto subject = MakeSubject();
  const std::string body = "gr\xc3\xbc\xc3\x9f\n.dot\n..\nFrom here\n\nend\n";
  Send("alice", {"-i", "-f", "alice@here.example", "friend@remote.example"}, MakeMessage(subject, body));
  const auto received = receiver.WaitFor(subject);
  EXPECT_TRUE(received.sender.starts_with("<alice@here.example>")) << received.sender;
  ASSERT_EQ(received.recipients.size(), 1U);
  EXPECT_TRUE(received.recipients[0].starts_with("<friend@remote.example>")) << received.recipients[0];
  EXPECT_EQ(received.Content().body, body);
  EXPECT_TRUE(received.hello.starts_with("EHLO ")) << received.hello;
  EXPECT_EQ(received.message.find("\n\n"), std::string::npos) << "a line without CR";
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(receiver.Counter("violations"), 0U);
}

TEST_F(Relay, SendsToAHundredRecipientsInOneTransaction) {
  const auto subject = MakeSubject();
  Send("alice", ManyRecipients(100), MakeMessage(subject));
  const auto received = receiver.WaitFor(subject);
  EXPECT_EQ(received.recipients.size(), 100U);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(receiver.WithSubject(subject).size(), 1U);
  EXPECT_EQ(receiver.Counter("transactions"), 1U);
  EXPECT_EQ(receiver.Counter("connections"), 1U);
}

TEST_F(Relay, KeepsTheOutcomeOfEachRecipient) {
  receiver.SetRules("RCPT busy@* 450 4.2.1 busy\nRCPT gone@* 550 5.1.1 no such user\n");
  const auto subject = MakeSubject();
  Send("alice", {"good@remote.example", "busy@remote.example", "gone@remote.example"}, MakeMessage(subject));
  EXPECT_EQ(receiver.WaitFor(subject).recipients, std::vector<std::string>{"<good@remote.example>"});
  ASSERT_TRUE(WaitUntil([] { return !MailboxText("alice").empty(); })) << "no bounce";
  const auto waiting = [] {
    const auto queue = ReadQueue();
    return queue.size() == 1 && std::ranges::count_if(queue[0].recipients, &mail::Recipient::IsSettled) == 2;
  };
  ASSERT_TRUE(WaitUntil(waiting)) << DescribeQueue();
  receiver.SetRules("");
  ASSERT_TRUE(receiver.WaitForCount(2));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(receiver.All()[1].recipients, std::vector<std::string>{"<busy@remote.example>"});
  const auto bounces = ReadMailbox("alice");
  ASSERT_EQ(bounces.size(), 1U);
  EXPECT_NE(bounces[0].body.find("gone@remote.example"), std::string::npos);
  EXPECT_EQ(bounces[0].body.find("busy@remote.example"), std::string::npos);
}

TEST_F(Relay, SendsSeveralMessagesOverOneConnection) {
  receiver.SetRules("RCPT 450 4.2.1 not yet\n");
  std::vector<std::string> subjects;
  for (int i = 0; i < 20; ++i)
    Send("alice", {"friend@remote.example"}, MakeMessage(subjects.emplace_back(MakeSubject())));
  const auto all_tried = [] {
    const auto queue = ReadQueue();
    return queue.size() == 20 &&
           std::ranges::all_of(queue, [](const auto& envelope) { return envelope.attempts > 0; });
  };
  ASSERT_TRUE(WaitUntil(all_tried)) << DescribeQueue();
  receiver.SetRules("");
  Check({"sendmail", "-q"});
  ASSERT_TRUE(receiver.WaitForCount(20));
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  for (const auto& subject : subjects) EXPECT_EQ(receiver.WithSubject(subject).size(), 1U);
  EXPECT_LE(receiver.Counter("connections"), 12U);
  EXPECT_EQ(receiver.Counter("violations"), 0U);
}

TEST_F(Relay, HoldsMailWhileTheRelayIsDown) {
  receiver.Stop();
  const auto subject = MakeSubject();
  Send("alice", {"friend@remote.example"}, MakeMessage(subject));
  ASSERT_TRUE(WaitUntil([] {
    const auto queue = ReadQueue();
    return queue.size() == 1 && queue[0].attempts > 0;
  })) << DescribeQueue();
  receiver.Start();
  (void)receiver.WaitFor(subject);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(MailboxText("alice"), "");
}

TEST_F(Relay, SurvivesARelayThatGoesAwayInTheMiddle) {
  for (const char* rule :
       {"CONNECT 421 4.3.2 full\n", "CONNECT DROP\n", "EHLO DROP\n", "MAIL DROP\n", "DATA DROP\n",
        "DOT DROP\n", "DOT 451 4.3.0 later\n", "DATA 451 4.3.0 later\n", "CUT 40\n"}) {
    receiver.SetRules(rule);
    const auto subject = MakeSubject();
    Send("alice", {"friend@remote.example"}, MakeMessage(subject));
    ASSERT_TRUE(WaitUntil([] {
      const auto queue = ReadQueue();
      return queue.size() == 1 && queue[0].attempts > 0;
    })) << rule
        << DescribeQueue();
    EXPECT_EQ(receiver.WithSubject(subject).size(), 0U) << rule;
    receiver.SetRules("");
    (void)receiver.WaitFor(subject);
    ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << rule;
    EXPECT_EQ(receiver.WithSubject(subject).size(), 1U) << rule;
    EXPECT_EQ(MailboxText("alice"), "") << rule;
    receiver.Stop();  // and its connections with it: the next rule is for a new one
    receiver.Start();
  }
}

TEST_F(Relay, SpeaksToAServerWithoutExtensions) {
  receiver.SetRules("EHLO 502 5.5.1 what\n");
  const auto subject = MakeSubject();
  Send("alice", ManyRecipients(3), MakeMessage(subject));
  const auto received = receiver.WaitFor(subject);
  EXPECT_TRUE(received.hello.starts_with("HELO ")) << received.hello;
  EXPECT_EQ(received.recipients.size(), 3U);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(receiver.Counter("violations"), 0U);
}

TEST_F(Relay, WaitsForRepliesWhereTheServerDoesNotPipeline) {
  receiver.SetRules("HIDE PIPELINING\n");
  const auto subject = MakeSubject();
  Send("alice", ManyRecipients(3), MakeMessage(subject));
  EXPECT_EQ(receiver.WaitFor(subject).recipients.size(), 3U);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(receiver.Counter("violations"), 0U);
}

TEST_F(Relay, SpeaksLmtp) {
  Receiver lmtp({"--lmtp"});
  lmtp.SetRules("DOT full@* 452 4.2.2 full\n");
  const Configuration other(RelayTo("lmtp://" + lmtp.At()));
  const auto subject = MakeSubject();
  Send("alice", {"good@remote.example", "full@remote.example"}, MakeMessage(subject));
  EXPECT_TRUE(lmtp.WaitFor(subject).hello.starts_with("LHLO "));
  const auto half_done = [] {
    const auto queue = ReadQueue();
    return queue.size() == 1 && std::ranges::count_if(queue[0].recipients, &mail::Recipient::IsSettled) == 1;
  };
  ASSERT_TRUE(WaitUntil(half_done)) << DescribeQueue();
  lmtp.SetRules("");
  ASSERT_TRUE(lmtp.WaitForCount(2));
  EXPECT_EQ(lmtp.All()[1].recipients, std::vector<std::string>{"<full@remote.example>"});
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}

TEST_F(Relay, HoldsThreeHundredMessagesInOneSmallProcess) {
  constexpr std::size_t kCount = 300;
  receiver.Stop();
  const Configuration slow("[Relay]\nHost=smtp+notls://" + receiver.At() + "\n");
  const auto script = fmt::format(
      "i=0; while [ $i -lt {} ]; do printf 'Subject: held %s\\n\\nx\\n' $i | sendmail friend@remote.example "
      "|| exit 1;"
      "i=$((i+1)); done",
      kCount);
  const auto ended =
      Execute({.words = {"sh", "-c", script}, .user = "alice", .limit = std::chrono::seconds(120)});
  ASSERT_EQ(ended.status, 0) << ended.err;
  ASSERT_TRUE(WaitUntil(
      [] {
        const auto queue = ReadQueue();
        return queue.size() == kCount &&
               std::ranges::all_of(queue, [](const auto& envelope) { return envelope.attempts > 0; });
      },
      std::chrono::seconds(60)));
  EXPECT_TRUE(WaitForOnly({"mailqueue-runner"}, kSoon));
  const auto processes = MailqueueProcesses();
  ASSERT_EQ(processes.size(), 1U);
  EXPECT_LT(MemoryOf(processes[0]), 12 * 1024);
  RecordProperty("runner_kib", static_cast<int>(MemoryOf(processes[0])));
  receiver.Start();
  Check({"sendmail", "-q"});
  EXPECT_TRUE(receiver.WaitForCount(kCount, std::chrono::seconds(60)));
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(receiver.All().size(), kCount);
}

TEST_F(Relay, SplitsRecipientsAtTheServersLimit) {
  const Receiver limited({"--limits=RCPTMAX=40 MAILMAX=2"});
  const Configuration other(RelayTo("smtp+notls://" + limited.At()));
  const auto subject = MakeSubject();
  Send("alice", ManyRecipients(100), MakeMessage(subject));
  ASSERT_TRUE(limited.WaitForCount(3));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  std::size_t recipients = 0;
  for (const auto& received : limited.All()) {
    EXPECT_LE(received.recipients.size(), 40U);
    recipients += received.recipients.size();
  }
  EXPECT_EQ(recipients, 100U);
  EXPECT_EQ(limited.Counter("connections"), 2U);
  EXPECT_EQ(limited.Counter("violations"), 0U);
}

TEST_F(Relay, EncodesWhatTheServerDoesNotTake) {
  receiver.SetRules("HIDE 8BITMIME\n");
  const auto subject = MakeSubject();
  Send("alice", {"-i", "friend@remote.example"},
       MakeMessage(subject, "gr\xc3\xbc\xc3\x9f\n.\n" + std::string(2000, 'x') + "\n"));
  const auto received = receiver.WaitFor(subject);
  EXPECT_EQ(received.message.find_first_of("\x80\xc3"), std::string::npos);
  EXPECT_NE(received.message.find("\r\ngr=C3=BC=C3=9F\r\n.\r\nxxx"), std::string::npos) << received.message;
  EXPECT_NE(received.message.find("\r\nContent-Transfer-Encoding: quoted-printable\r\n"), std::string::npos);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
  EXPECT_EQ(receiver.Counter("violations"), 0U);
}

// One that refuses us leaves its turn to the next.
TEST_F(Relay, TriesAllAddressesOfAHost) {
  const auto port = receiver.At().substr(receiver.At().rfind(':'));
  Receiver first({"--listen=127.0.0.2" + port});
  first.SetRules("CONNECT 554 5.7.1 not you\n");
  std::ofstream("/etc/hosts", std::ios::app)
      << "127.0.0.3 many.test\n127.0.0.2 many.test\n127.0.0.1 many.test\n";
  const Configuration other(RelayTo("smtp+notls://many.test" + port));
  const auto subject = MakeSubject();
  Send("alice", {"friend@remote.example"}, MakeMessage(subject));
  (void)receiver.WaitFor(subject);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty));
}
