// SPDX-License-Identifier: BSD-2-Clause
// Mail that can't be delivered comes back, once, as RFC 3464 has it.
#include "base/text.hxx"
#include "fixture.hxx"

#include <fmt/format.h>

#include <algorithm>

using namespace machine;

namespace {

// The parts of a multipart body, headers included.
std::vector<std::string> PartsOf(const Letter& letter) {
  const auto type = letter.Field("Content-Type");
  const auto start = type.find("boundary=");
  if (start == type.npos) return {};
  auto boundary = type.substr(start + 9);
  boundary = boundary[0] == '"' ? boundary.substr(1, boundary.find('"', 1) - 1)
                                : boundary.substr(0, boundary.find(';'));
  std::vector<std::string> parts;
  const std::string text = "\n" + letter.body;
  const std::string line = "\n--" + boundary;
  for (auto at = text.find(line); at != text.npos;) {
    const auto begin = at + line.size();
    const auto end = text.find(line, begin);
    if (text.compare(begin, 2, "--") == 0 || end == text.npos) break;
    parts.push_back(text.substr(begin + 1, end - begin));
    at = end;
  }
  return parts;
}

}  // namespace

class Bounce : public SystemTest {
 protected:
  // The only letter in alice's mailbox, once the queue is empty.
  Letter WaitForBounce(std::chrono::seconds limit = kSoon) {
    EXPECT_TRUE(WaitUntil([] { return !MailboxText("alice").empty() && IsQueueEmpty(); }, limit))
        << DescribeQueue();
    const auto letters = ReadMailbox("alice");
    EXPECT_EQ(letters.size(), 1U);
    return letters.empty() ? Letter{} : letters[0];
  }

  Receiver receiver;
  const Configuration configuration{RelayTo("smtp+notls://" + receiver.At())};
};

TEST_F(Bounce, ReportsAFailedRecipientInThreeParts) {
  receiver.SetRules("RCPT gone@* 550 5.1.1 no such user\n");
  const auto subject = MakeSubject();
  Send("alice", {"gone@remote.example", "good@remote.example"}, MakeMessage(subject));
  const auto bounce = WaitForBounce();
  EXPECT_EQ(bounce.Field("Return-Path"), "<>");
  EXPECT_NE(bounce.Field("From").find("MAILER-DAEMON"), std::string::npos) << bounce.head;
  EXPECT_TRUE(bounce.Field("Content-Type").starts_with("multipart/report")) << bounce.head;
  EXPECT_NE(bounce.Field("Content-Type").find("report-type=delivery-status"), std::string::npos)
      << bounce.head;
  EXPECT_EQ(bounce.Field("Auto-Submitted").substr(0, 12), "auto-replied") << bounce.head;
  const auto parts = PartsOf(bounce);
  ASSERT_EQ(parts.size(), 3U) << bounce.body;
  EXPECT_NE(parts[0].find("gone@remote.example"), std::string::npos) << parts[0];
  const auto status = ParseLetter(parts[1]);
  EXPECT_EQ(status.Field("Content-Type"), "message/delivery-status");
  for (const char* line : {"Reporting-MTA: dns;", "Final-Recipient: rfc822;", "Action: failed\n",
                           "Status: 5.1.1\n", "Diagnostic-Code: smtp;"})
    EXPECT_NE(status.body.find(line), std::string::npos) << line << " in\n" << status.body;
  EXPECT_NE(status.body.find("550 5.1.1 no such user"), std::string::npos) << status.body;
  EXPECT_EQ(status.body.find("good@remote.example"), std::string::npos) << status.body;
  EXPECT_NE(parts[2].find("Subject: " + subject), std::string::npos) << parts[2];
}

TEST_F(Bounce, ReportsAllThatFailedAtOnceInOne) {
  receiver.SetRules("RCPT gone*@* 550 5.1.1 no such user\nDOT 554 5.6.0 I do not like it\n");
  Send("alice", {"gone1@remote.example", "gone2@remote.example", "other@remote.example", "no-such-user"},
       MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil([] { return IsQueueEmpty() && !MailboxText("alice").empty(); })) << DescribeQueue();
  std::string all;
  for (const auto& bounce : ReadMailbox("alice")) all += PartsOf(bounce).at(1);
  for (const char* recipient :
       {"gone1@remote.example", "gone2@remote.example", "other@remote.example", "no-such-user"}) {
    const auto first = all.find(fmt::format(";{}", recipient)) != all.npos
                           ? all.find(fmt::format(";{}", recipient))
                           : all.find(fmt::format("; {}", recipient));
    ASSERT_NE(first, all.npos) << recipient << " in\n" << all;
  }
  const auto count = [&](const std::string& text) {
    std::size_t n = 0;
    for (auto at = all.find(text); at != all.npos; at = all.find(text, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count("Final-Recipient:"), 4U) << all;
}

TEST_F(Bounce, HasTheNullSenderOnTheWire) {
  receiver.SetRules("RCPT gone@* 550 5.1.1 no such user\n");
  Send("alice", {"-f", "someone@remote.example", "gone@remote.example"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(receiver.WaitForCount(1));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  const auto all = receiver.All();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].sender.starts_with("<>")) << all[0].sender;
  ASSERT_EQ(all[0].recipients.size(), 1U);
  EXPECT_TRUE(all[0].recipients[0].starts_with("<someone@remote.example>"));
  EXPECT_EQ(PartsOf(all[0].Content()).size(), 3U);
}

TEST_F(Bounce, IsNotItselfBounced) {
  receiver.SetRules("RCPT 550 5.1.1 no such user\n");
  Send("root", {"-f", "<>", "gone@remote.example"}, MakeMessage(MakeSubject()));
  Send("root", {"-f", "someone@remote.example", "gone@remote.example"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil(IsQueueEmpty)) << DescribeQueue();
  EXPECT_EQ(receiver.Counter("messages"), 0U);
  for (const char* user : {"alice", "bob", "carol"}) EXPECT_EQ(MailboxText(user), "") << user;
}

TEST_F(Bounce, ComesWhenTheLifetimeIsOver) {
  const Configuration short_life("[Relay]\nHost=smtp+notls://" + receiver.At() +
                                 "\n[Queue]\nLifetime=2s\nRetryMin=1s\n");
  receiver.SetRules("RCPT 450 4.2.1 busy\n");
  const auto subject = MakeSubject();
  Send("alice", {"busy@remote.example"}, MakeMessage(subject));
  const auto bounce = WaitForBounce();
  const auto parts = PartsOf(bounce);
  ASSERT_EQ(parts.size(), 3U) << bounce.body;
  EXPECT_NE(parts[1].find("Action: failed\n"), std::string::npos) << parts[1];
  EXPECT_NE(parts[1].find("busy@remote.example"), std::string::npos) << parts[1];
  EXPECT_NE(parts[2].find("Subject: " + subject), std::string::npos);
}
