// SPDX-License-Identifier: BSD-2-Clause
// sendmail(8) as its callers use it: recipients, headers, line ends, exit statuses.
#include "base/text.hxx"
#include "fixture.hxx"

#include <fmt/format.h>

#include <sysexits.h>

#include <algorithm>
#include <filesystem>

using namespace machine;

class Submission : public SystemTest {};

TEST_F(Submission, WorksForRootAndForUsers) {
  for (const char* user : {"root", "alice", "bob"}) {
    const auto subject = MakeSubject();
    Send(user, {"carol"}, MakeMessage(subject));
    const auto letter = WaitForLetter("carol", subject);
    EXPECT_EQ(letter.body, "A line.\n");
    EXPECT_TRUE(letter.separator.starts_with(fmt::format("From {}", user))) << letter.separator;
  }
}

TEST_F(Submission, WorksFromAServiceThatMayWriteNowhere) {
  const auto subject = MakeSubject();
  const auto ended = Execute({.words = InSandbox({"sendmail", "alice"}), .input = MakeMessage(subject)});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(WaitForLetter("alice", subject).body, "A line.\n");
}

TEST_F(Submission, WorksThroughTheSocketWhileNothingRunsAndAgainWhileItDoes) {
  ASSERT_TRUE(WaitForOnly({}, kSoon));
  for (int i = 0; i < 3; ++i) {
    const auto subject = MakeSubject();
    const auto ended =
        Execute({.words = InSandbox({"sendmail", "-i", "bob"}), .input = MakeMessage(subject, ".\nx\n")});
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(WaitForLetter("bob", subject).body, ".\nx\n");
  }
}

TEST_F(Submission, TakesALargeMessageBothWays) {
  const std::string body(900'000, 'x');
  std::string text;
  for (std::size_t i = 0; i < body.size(); i += 70) text += body.substr(i, 70) + "\n";
  for (const bool sandboxed : {false, true}) {
    const auto subject = MakeSubject();
    const std::vector<std::string> words = {"sendmail", "alice"};
    const auto ended =
        Execute({.words = sandboxed ? InSandbox(words) : words, .input = MakeMessage(subject, text)});
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(WaitForLetter("alice", subject).body, text) << sandboxed;
  }
}

TEST_F(Submission, FillsInTheHeaderFieldsThatAreMissing) {
  const auto subject = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(subject));
  const auto letter = WaitForLetter("bob", subject);
  for (const char* field : {"Received", "Date", "Message-ID", "From"})
    EXPECT_EQ(letter.Count(field), 1U) << field;
  EXPECT_NE(letter.Field("From").find("alice@"), std::string::npos) << letter.Field("From");
}

TEST_F(Submission, KeepsTheHeaderFieldsThatAreThere) {
  const auto subject = MakeSubject();
  const std::string date = "Tue, 01 Jul 2025 10:00:00 +0200";
  Send("alice", {"bob"},
       "Date: " + date + "\nFrom: A <a@example.org>\nMessage-ID: <1@example.org>\n" + MakeMessage(subject));
  const auto letter = WaitForLetter("bob", subject);
  EXPECT_EQ(letter.Field("Date"), date);
  EXPECT_EQ(letter.Field("From"), "A <a@example.org>");
  EXPECT_EQ(letter.Field("Message-ID"), "<1@example.org>");
  for (const char* field : {"Date", "Message-ID", "From"}) EXPECT_EQ(letter.Count(field), 1U) << field;
}

TEST_F(Submission, ReadsTheRecipientsFromTheMessageAndRemovesBcc) {
  const auto subject = MakeSubject();
  Send("root", {"-t"},
       "To: Alice A. <alice>,\n\tnobody:;\nCc: bob@localhost (a comment)\nBcc: carol\n" +
           MakeMessage(subject));
  for (const char* user : {"alice", "bob", "carol"}) {
    const auto letter = WaitForLetter(user, subject);
    EXPECT_EQ(letter.Count("Bcc"), 0U) << user;
    EXPECT_EQ(letter.Field("Cc"), "bob@localhost (a comment)") << user;
    EXPECT_EQ(letter.head.find("carol") == std::string::npos, std::string_view(user) != "carol")
        << letter.head;
  }
}

TEST_F(Submission, SetsTheSender) {
  const auto subject = MakeSubject();
  Send("alice", {"-f", "someone@example.org", "bob"}, MakeMessage(subject));
  const auto letter = WaitForLetter("bob", subject);
  EXPECT_TRUE(letter.separator.starts_with("From someone@example.org ")) << letter.separator;
  EXPECT_EQ(letter.Field("Return-Path"), "<someone@example.org>");
}

TEST_F(Submission, EndsAtALoneDotUnlessToldNotTo) {
  const auto first = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(first, "one\n.\ntwo\n"));
  EXPECT_EQ(WaitForLetter("bob", first).body, "one\n");
  for (const char* option : {"-i", "-oi"}) {
    const auto second = MakeSubject();
    Send("alice", {option, "bob"}, MakeMessage(second, "one\n.\ntwo\n..\n"));
    EXPECT_EQ(WaitForLetter("bob", second).body, "one\n.\ntwo\n..\n");
  }
}

TEST_F(Submission, MakesCrlfInputTheSameAsLf) {
  const auto subject = MakeSubject();
  Send("alice", {"-i", "bob"}, "Subject: " + subject + "\r\nX-Folded: a\r\n b\r\n\r\none\r\n\r\ntwo\r\n");
  const auto letter = WaitForLetter("bob", subject);
  EXPECT_EQ(letter.body, "one\n\ntwo\n");
  EXPECT_EQ(MailboxText("bob").find('\r'), std::string::npos);
  EXPECT_EQ(letter.Field("X-Folded"), "a b");
}

TEST_F(Submission, KeepsEightBitTextAndEndsTheLastLine) {
  const auto subject = MakeSubject();
  Send("alice", {"bob"}, MakeMessage(subject, "gr\xc3\xbc\xc3\x9f \xff\n\nno line end"));
  EXPECT_EQ(WaitForLetter("bob", subject).body, "gr\xc3\xbc\xc3\x9f \xff\n\nno line end\n");
}

TEST_F(Submission, RefusesAMessageWithoutRecipients) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"sendmail"}, {"sendmail", "-t"}}) {
    const auto ended = Execute({.words = arguments, .user = "alice", .input = MakeMessage(MakeSubject())});
    EXPECT_TRUE(ended.status == EX_USAGE || ended.status == EX_DATAERR || ended.status == EX_NOINPUT)
        << ended.status;
    EXPECT_NE(ended.err, "");
  }
  EXPECT_TRUE(IsQueueEmpty());
}

TEST_F(Submission, RefusesAnAddressThatIsNone) {
  const auto ended =
      Execute({.words = {"sendmail", "bad address@"}, .user = "alice", .input = MakeMessage(MakeSubject())});
  EXPECT_NE(ended.status, 0);
  EXPECT_NE(ended.err, "");
  EXPECT_TRUE(IsQueueEmpty());
}

// What a drop made by hand says is the sender's own; the field above it is not.
TEST_F(Submission, NamesTheTrueSubmitterOnTop) {
  const auto subject = MakeSubject();
  Send("alice", {"bob"},
       "Received: by host.example (mailqueue, from userid 0) id X; today\n" + MakeMessage(subject));
  const auto letter = WaitForLetter("bob", subject);
  EXPECT_NE(letter.Field("Received").find("(mailqueue, from userid 1000)"), std::string::npos) << letter.head;
  EXPECT_EQ(letter.Count("Received"), 2U);
}

TEST_F(Submission, RefusesWhatIsLargerThanMessageSize) {
  const Configuration small("[Queue]\nMessageSize=500K\n");
  const auto message = MakeMessage(MakeSubject(), std::string(600'000, 'x') + "\n");
  for (const bool sandboxed : {false, true}) {
    const std::vector<std::string> words = {"sendmail", "-i", "bob"};
    const auto ended = Execute({.words = sandboxed ? InSandbox(words) : words, .input = message});
    EXPECT_EQ(ended.status, EX_UNAVAILABLE) << ended.err;
    EXPECT_NE(ended.err.find("MessageSize="), std::string::npos) << ended.err;
  }
  const auto dialog =
      Execute({.words = {"sendmail", "-bs"},
               .input = "EHLO x\r\nMAIL FROM:<alice> SIZE=512001\r\nMAIL FROM:<alice> SIZE=512000\r\n"
                        "RCPT TO:<bob>\r\nDATA\r\n" +
                        message + "\r\n.\r\nQUIT\r\n"});
  EXPECT_NE(dialog.out.find("250-SIZE 512000\r\n"), std::string::npos) << dialog.out;
  EXPECT_TRUE(
      dialog.out.ends_with("552 5.3.4 more than 512000 octets (MessageSize=)\r\n250 2.1.0 sender ok\r\n"
                           "250 2.1.5 recipient ok\r\n354 end with a line that is a single dot\r\n"
                           "552 5.3.4 the message has more than 512000 octets (MessageSize=)\r\n"
                           "221 2.0.0 " +
                           Check({"hostname"}).substr(0, Check({"hostname"}).find('\n')) + " closing\r\n"))
      << dialog.out;
  EXPECT_TRUE(IsQueueEmpty());
}

// The client that goes on sending hears of it all the same.
TEST_F(Submission, RefusesAMessageOverSmtpBeforeItsEnd) {
  const Configuration small("[Queue]\nMessageSize=1M\n");
  // A client that does not end its message before it has read the reply.
  const auto ended =
      Execute({.words = {"bash", "-c",
                         "coproc sendmail -bs; "
                         "{ printf 'EHLO x\\r\\nMAIL FROM:<alice>\\r\\nRCPT TO:<bob>\\r\\nDATA\\r\\n\\r\\n'; "
                         "head -c 2000000 /dev/zero | tr '\\0' x; } >&${COPROC[1]}; "
                         "while read -r line; do echo \"$line\"; [[ $line = '552 5.3.4 '* ]] && exit 0; done "
                         "<&${COPROC[0]}; exit 1"}});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
}

TEST_F(Submission, FailsLoudlyWhereNothingCanBeWritten) {
  auto words = InSandbox({"sendmail", "alice"});
  words.insert(words.begin() + 4, {"-p", "InaccessiblePaths=/run/mailqueue"});
  const auto ended = Execute({.words = words, .input = MakeMessage(MakeSubject())});
  EXPECT_EQ(ended.status, EX_TEMPFAIL) << ended.err;
  EXPECT_NE(ended.err, "");
  EXPECT_TRUE(IsQueueEmpty());
}

TEST_F(Submission, DeliversFiveHundredFromFourProcessesExactlyOnce) {
  constexpr int kEach = 125;
  const auto subject = MakeSubject();
  const std::vector<std::pair<std::string, std::string>> streams = {
      {"root", "alice"}, {"alice", "bob"}, {"bob", "carol"}, {"carol", "alice"}};
  std::vector<std::unique_ptr<Child>> senders;
  for (const auto& [from, to] : streams) {
    const auto script = fmt::format(
        "i=0; while [ $i -lt {} ]; do printf 'Subject: {} {} %s\\n\\nx\\n' $i | sendmail {} || exit 1; "
        "i=$((i+1)); done",
        kEach, subject, from, to);
    senders.push_back(std::make_unique<Child>(
        Command{.words = {"sh", "-c", script}, .user = from, .limit = std::chrono::seconds(120)}));
  }
  for (auto& sender : senders) {
    const auto ended = sender->Wait();
    ASSERT_EQ(ended.status, 0) << ended.err;
  }
  ASSERT_TRUE(WaitUntil(IsQueueEmpty, std::chrono::seconds(120))) << DescribeQueue();
  std::vector<std::string> subjects;
  for (const char* user : {"alice", "bob", "carol"})
    for (const auto& letter : ReadMailbox(user)) subjects.push_back(letter.Field("Subject"));
  std::ranges::sort(subjects);
  EXPECT_EQ(subjects.size(), streams.size() * kEach);
  EXPECT_EQ(std::ranges::adjacent_find(subjects), subjects.end());
}
