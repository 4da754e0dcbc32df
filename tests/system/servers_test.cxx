// SPDX-License-Identifier: BSD-2-Clause
// The relay and mail servers that others wrote: what they keep is what was sent, to whom it was sent, once.
#include "authority.hxx"
#include "base/text.hxx"
#include "fixture.hxx"
#include "other_server.hxx"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>

using namespace machine;

namespace {

const std::string kAlice = "alice@remote.example";

const std::string kBodies[] = {
    "A line.\n",
    "",
    ".\n..\n.dot\n\n.\n",
    "no line end",
    "gr\xc3\xbc\xc3\x9f \xff\x80\n",
    "From here\n>From there\n",
    "trailing blanks  \n\t\n\n",
    "=20 is no blank, a bare \r is no line end\n",
    std::string(998, 'x') + "\n",
    std::string(2000, 'y') + "\n" + std::string(999, '.') + "\n",
    std::string(100000, 'z') + "\xc3\xbc\n",
};

// A body as its sender wrote it, with a line end at its end. Throws std::runtime_error.
std::string BodyOf(const Letter& letter) {
  if (letter.Field("Content-Transfer-Encoding") != "quoted-printable") return letter.body;
  const auto ended = Execute(
      {.words = {"perl", "-MMIME::QuotedPrint", "-0777", "-pe", "$_ = decode_qp($_)"}, .input = letter.body});
  return ended.out;
}

std::string WithLineEnd(std::string body) {
  if (!body.empty() && !body.ends_with('\n')) body += '\n';
  return body;
}

void SendTo(const std::vector<std::string>& recipients, const std::string& text) {
  std::vector<std::string> words = {"-i"};
  words.insert(words.end(), recipients.begin(), recipients.end());
  Send("alice", words, text);
}

std::string TextFor(const std::string& subject, const std::string& body) {
  return "From: alice@localhost\nSubject: " + subject + "\n\n" + body;
}

std::string TextOfBounce() {
  const auto bounces = ReadMailbox("alice");
  return bounces.size() == 1 ? bounces[0].body : fmt::format("{} bounces", bounces.size());
}

}  // namespace

class Servers : public SystemTest, public testing::WithParamInterface<OtherServer::Kind> {
 protected:
  static void TearDownTestSuite() { running.clear(); }
  // To start one takes longer than most tests.
  static OtherServer& Run(const OtherServer::Kind& kind) {
    auto& one = running[kind.name];
    if (!one) one = std::make_unique<OtherServer>(kind);
    one->Forget();
    return *one;
  }

  static inline std::map<std::string, std::unique_ptr<OtherServer>> running;
  OtherServer& server = Run(GetParam());
  const Configuration configuration{RelayTo(server.Url())};
};

INSTANTIATE_TEST_SUITE_P(Each, Servers,
                         testing::Values(Postfix(), Exim(), OpenSmtpd(), DovecotLmtp(), Aiosmtpd()),
                         [](const auto& param) {
                           auto name = param.param.name;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(Servers, KeepTheBodyAsItWasSent) {
  std::map<std::string, std::string> bodies;
  for (const auto& body : kBodies) {
    const auto subject = MakeSubject();
    bodies[subject] = body;
    SendTo({kAlice}, TextFor(subject, body));
  }
  ASSERT_TRUE(server.WaitForCount(bodies.size())) << DescribeQueue() << server.Log();
  for (const auto& [subject, body] : bodies) {
    const auto letters = server.WithSubject(subject);
    ASSERT_EQ(letters.size(), 1U) << Quote(body.substr(0, 40));
    const auto kept = BodyOf(letters[0]);
    EXPECT_TRUE(kept == WithLineEnd(body))
        << Quote(body.substr(0, 40)) << " became " << Quote(kept.substr(0, 40));
  }
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}

TEST_P(Servers, DecideForEachRecipient) {
  const auto subject = MakeSubject();
  std::vector<std::string> recipients = {kAlice, "gone@remote.example"};
  if (GetParam().may_defer) recipients.emplace_back("busy@remote.example");
  SendTo(recipients, TextFor(subject, "A line.\n"));
  ASSERT_TRUE(server.WaitForCount(1)) << DescribeQueue() << server.Log();
  ASSERT_TRUE(WaitUntil([] { return !MailboxText("alice").empty(); })) << DescribeQueue() << server.Log();
  EXPECT_NE(TextOfBounce().find("gone@remote.example"), std::string::npos) << TextOfBounce();
  EXPECT_EQ(TextOfBounce().find("busy@remote.example"), std::string::npos) << TextOfBounce();
  if (!GetParam().may_defer) {
    EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
    return;
  }
  const auto is_waiting = [] {
    const auto queue = ReadQueue();
    return queue.size() == 1 && std::ranges::count_if(queue[0].recipients, &mail::Recipient::IsSettled) == 2;
  };
  ASSERT_TRUE(WaitUntil(is_waiting)) << DescribeQueue();
  EXPECT_NE(Check({"mailqueuectl"}).find("busy@remote.example"), std::string::npos);
  EXPECT_EQ(server.WithSubject(subject).size(), 1U);
}

TEST_P(Servers, TakeTheNextMessageAfterOneForNobody) {
  SendTo({"gone@remote.example"}, TextFor(MakeSubject(), "A line.\n"));
  const auto subject = MakeSubject();
  SendTo({kAlice}, TextFor(subject, "A line.\n"));
  ASSERT_TRUE(server.WaitForCount(1)) << DescribeQueue() << server.Log();
  EXPECT_EQ(server.WithSubject(subject).size(), 1U);
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_NE(TextOfBounce().find("gone@remote.example"), std::string::npos) << TextOfBounce();
}

// To a million octets.
class LimitedServers : public Servers {};

INSTANTIATE_TEST_SUITE_P(Each, LimitedServers, testing::Values(Postfix(), Exim(), Aiosmtpd()),
                         [](const auto& param) { return param.param.name; });

TEST_P(LimitedServers, ReturnWhatIsTooLarge) {
  Check({"sh", "-c", "yes 'A line that is one of many.' | head -c 1500000 | sendmail -f alice " + kAlice});
  ASSERT_TRUE(WaitUntil([] { return !MailboxText("alice").empty(); })) << DescribeQueue() << server.Log();
  EXPECT_NE(TextOfBounce().find("5.3.4"), std::string::npos) << TextOfBounce();
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_TRUE(server.All().empty());
}

TEST_P(Servers, GetEachMessageOnceThoughTheyAreRestarted) {
  constexpr std::size_t kCount = 50;
  std::vector<std::string> subjects;
  for (std::size_t i = 0; i < kCount; ++i) {
    SendTo({kAlice}, TextFor(subjects.emplace_back(MakeSubject()), "A line.\n"));
    if (i != kCount / 2) continue;
    server.Stop();
    server.Start();
  }
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue() << server.Log();
  const auto count = [&](const auto& subject) { return server.WithSubject(subject).size(); };
  const auto all_there = [&] {
    return std::ranges::all_of(subjects, [&](const auto& subject) { return count(subject) > 0; });
  };
  ASSERT_TRUE(server.WaitForCount(kCount)) << server.Log();
  EXPECT_TRUE(WaitUntil(all_there, kSoon, {server.Box() + "/new"})) << server.Log();
  // A message whose reply was lost with the connection comes twice, and so may one that the server was
  // delivering.
  for (const auto& subject : subjects) EXPECT_LE(count(subject), 2U) << subject;
  EXPECT_EQ(MailboxText("alice"), "");
}

class WithPostfix : public SystemTest {
 protected:
  static void SetUpTestSuite() { postfix = std::make_unique<OtherServer>(Postfix()); }
  static void TearDownTestSuite() { postfix.reset(); }
  void SetUp() override {
    SystemTest::SetUp();
    server.Forget();
  }

  static inline std::unique_ptr<OtherServer> postfix;
  OtherServer& server = *postfix;
  const Configuration configuration{RelayTo(server.Url())};
};

// 452 behind the 300th recipient of a transaction.
TEST_F(WithPostfix, AThousandRecipientsAreSplit) {
  constexpr std::size_t kCount = 1000;
  std::vector<std::string> recipients;
  for (std::size_t i = 0; i < kCount; ++i) recipients.push_back(fmt::format("u{}@many.example", i));
  SendTo(recipients, TextFor(MakeSubject(), "A line.\n"));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  std::map<std::string, std::size_t> served;
  const auto count = [&] {
    served.clear();
    for (const auto& line : SplitList(server.Log(), "\n")) {
      const auto at = line.find(": to=<");
      if (at != line.npos && line.find("status=sent") != line.npos)
        ++served[line.substr(at + 6, line.find('>', at) - at - 6)];
    }
    return served.size() == kCount;
  };
  const Deadline deadline(kSoon);
  while (!count() && !deadline.HasPassed()) continue;  // Log() takes its time
  EXPECT_EQ(served.size(), kCount);
  EXPECT_TRUE(std::ranges::all_of(served, [](const auto& entry) { return entry.second == 1; }));
}

// The notification comes to the same box.
TEST_F(WithPostfix, GetsWhatTheSenderWantsToBeTold) {
  const auto subject = MakeSubject();
  Send("alice",
       {"-f", "sender@remote.example", "-N", "success,failure", "-V", "envid-17", "-R", "hdrs", kAlice},
       TextFor(subject, "A line.\n"));
  ASSERT_TRUE(server.WaitForCount(2)) << DescribeQueue() << server.Log();
  std::string report;
  for (const auto& letter : server.All())
    if (letter.Field("Content-Type").starts_with("multipart/report")) report = letter.body;
  EXPECT_NE(report.find("Original-Envelope-Id: envid-17"), report.npos) << report;
  EXPECT_NE(report.find("Original-Recipient: rfc822;" + kAlice), report.npos) << report;
  EXPECT_NE(report.find("Action: delivered"), report.npos) << report;
}

TEST_F(WithPostfix, TakesAddressesOutsideOfAscii) {
  const auto subject = MakeSubject();
  SendTo({"gr\xc3\xbc\xc3\x9f@remote.example"}, TextFor(subject, "A line.\n"));
  ASSERT_TRUE(server.WaitForCount(1)) << DescribeQueue() << server.Log();
  const auto letters = server.WithSubject(subject);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].Field("X-Original-To"), "gr\xc3\xbc\xc3\x9f@remote.example") << letters[0].head;
}

// A client that others trust hands over the same octets.
TEST_F(WithPostfix, GetsTheSameFromSwaks) {
  const auto subject = MakeSubject();
  const std::string body = ".\n..dots\ngr\xc3\xbc\xc3\x9f\n\n" + std::string(900, 'x');
  // Without the last line end, which both of them supply.
  const SetupFile message("/tmp/servers/message", TextFor(subject, body));
  SendTo({kAlice}, TextOf("/tmp/servers/message"));
  ASSERT_TRUE(server.WaitForCount(1)) << DescribeQueue() << server.Log();
  const auto swaks = Execute({.words = {"swaks", "--server", "127.0.0.1:10025", "--from", "alice@localhost",
                                        "--to", kAlice, "--data", "@/tmp/servers/message"}});
  ASSERT_EQ(swaks.status, 0) << swaks.out << swaks.err;
  ASSERT_TRUE(server.WaitForCount(2)) << server.Log();
  const auto letters = server.WithSubject(subject);
  ASSERT_EQ(letters.size(), 2U);
  for (const auto& letter : letters) EXPECT_EQ(letter.body, WithLineEnd(body));
}

class WithTls : public SystemTest {
 protected:
  static constexpr const char* kName = "server.test.example";

  static void SetUpTestSuite() {
    if (authority) return;  // for all suites of the program
    authority = std::make_unique<Authority>();
    authority->Issue(kName);
    authority->Issue("client");
    std::ofstream("/etc/hosts", std::ios::app) << "127.0.0.1 " << kName << "\n";
  }

  static inline std::unique_ptr<Authority> authority;
};

class WithPostfixForCertificates : public WithTls {
 protected:
  OtherServer server{
      PostfixForCertificates(authority->Certificate(kName), authority->Key(kName), authority->Root())};
};

TEST_F(WithPostfixForCertificates, TakesMailOfWhoShowsOne) {
  const SetupFile credential("/etc/mailqueue/credentials/client",
                             TextOf(authority->Certificate("client")) + TextOf(authority->Key("client")),
                             0600);
  const Configuration configuration(RelayTo(fmt::format("smtp+tls://{}:10025", kName)) +
                                    "[Relay]\nTlsCertificate=client\n");
  const auto subject = MakeSubject();
  SendTo({kAlice}, TextFor(subject, "A line.\n"));
  ASSERT_TRUE(server.WaitForCount(1)) << DescribeQueue() << server.Log();
  EXPECT_EQ(server.WithSubject(subject).size(), 1U);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
}

TEST_F(WithPostfixForCertificates, HoldsMailOfWhoDoesNot) {
  const Configuration configuration(RelayTo(fmt::format("smtp+tls://{}:10025", kName)));
  SendTo({kAlice}, TextFor(MakeSubject(), "A line.\n"));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  EXPECT_TRUE(server.All().empty());
  EXPECT_EQ(MailboxText("alice"), "");
}

class WithDovecotSubmission : public WithTls {
 protected:
  Receiver behind;
  OtherServer server{DovecotSubmission(behind.Port(), authority->Certificate(kName), authority->Key(kName))};
};

TEST_F(WithDovecotSubmission, TakesMailOfWhoLogsIn) {
  const SetupFile credential("/etc/mailqueue/credentials/dovecot", "alice:secret\n", 0600);
  const Configuration configuration(RelayTo(fmt::format("smtp+tls://dovecot@{}:10029", kName)));
  const auto test = Check({"mailqueuectl", "relay", "test"});
  EXPECT_NE(test.find("by SCRAM-SHA-256"), test.npos) << test;
  const auto subject = MakeSubject();
  const std::string body = ".\ngr\xc3\xbc\xc3\x9f\n" + std::string(998, 'x') + "\n";
  SendTo({"friend@far.example", "other@far.example"}, TextFor(subject, body));
  const auto received = behind.WaitFor(subject);
  EXPECT_EQ(received.recipients.size(), 2U);
  EXPECT_EQ(received.Content().body, body);
  EXPECT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue() << server.Log();
}

TEST_F(WithDovecotSubmission, HoldsMailOfWhoDoesNot) {
  const SetupFile credential("/etc/mailqueue/credentials/dovecot", "alice:guess\n", 0600);
  const Configuration configuration(RelayTo(fmt::format("smtp+tls://dovecot@{}:10029", kName)));
  SendTo({"friend@far.example"}, TextFor(MakeSubject(), "A line.\n"));
  ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  EXPECT_EQ(ReadQueue().at(0).recipients.at(0).result->status, "4.7.8") << DescribeQueue() << server.Log();
  EXPECT_TRUE(behind.All().empty());
}
