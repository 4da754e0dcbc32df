// SPDX-License-Identifier: BSD-2-Clause
#include "programs/sendmail/smtp_session.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sysexits.h>

namespace {

using testing::SizeIs;
using testing::StartsWith;
using Next = SmtpSession::Next;

// Lines with the start of the reply that each gets.
using Dialog = std::vector<std::pair<std::string, const char*>>;

SmtpSession Play(const Dialog& dialog) {
  SmtpSession session("host.d", 1000);
  EXPECT_EQ(session.Greeting().text, "220 host.d ESMTP mailqueue\r\n");
  for (const auto& [line, reply] : dialog) EXPECT_THAT(session.OnLine(line).text, StartsWith(reply)) << line;
  return session;
}

TEST(SmtpSession, TakesATransaction) {
  auto session = Play(
      {{"EHLO x", "250-host.d\r\n"},
       {"mail from:<eve@x> SIZE=100 BODY=8BITMIME RET=full ENVID=a+2Bb SMTPUTF8 REQUIRETLS", "250 2.1.0"},
       {"RCPT TO:<bob> NOTIFY=failure,SUCCESS ORCPT=rfc822;bob@x", "250 2.1.5"},
       {"rcpt to: <@a,@b:carol@y>", "250 2.1.5"},
       {"RCPT TO:\"a b\"@z", "250 2.1.5"}});
  EXPECT_EQ(session.OnLine("DATA").next, Next::Message);
  const auto& request = session.Request();
  EXPECT_EQ(request.sender, "eve@x");
  EXPECT_EQ(request.body, "8BITMIME");
  EXPECT_EQ(request.ret, "FULL");
  EXPECT_EQ(request.envid, "a+b");
  EXPECT_TRUE(request.require_tls);
  ASSERT_THAT(request.destinations, SizeIs(3));
  EXPECT_EQ(request.destinations[0].addresses, "bob");
  EXPECT_EQ(request.destinations[0].notify, "SUCCESS,FAILURE");
  EXPECT_EQ(request.destinations[0].original, "rfc822;bob@x");
  EXPECT_EQ(request.destinations[1].addresses, "carol@y");
  EXPECT_EQ(request.destinations[2].addresses, "\"a b\"@z");
  EXPECT_EQ(session.OnAccepted("ID").text, "250 2.0.0 queued as ID\r\n");
  EXPECT_THAT(session.OnLine("DATA").text, StartsWith("503"));
}

TEST(SmtpSession, AnswersEachCommand) {
  Play({{"HELO [127.0.0.1]", "250 host.d\r\n"},
        {"NOOP", "250"},
        {"VRFY bob", "252"},
        {"HELP", "214"},
        {"RSET", "250"},
        {"AUTH PLAIN", "500"},
        {"STARTTLS", "500"},
        {"EXPN x", "500"},
        {"", "500"},
        {"\xff\xfe", "500"},
        {"MAIL FROM:<>", "250"},
        {"QUIT", "221"}});
  EXPECT_EQ(SmtpSession("h", 1000).OnLine("quit").next, Next::Close);
}

TEST(SmtpSession, KeepsTheOrderOfATransaction) {
  Play({{"RCPT TO:<bob>", "503"},
        {"DATA", "503"},
        {"MAIL FROM:<a@x>", "250"},
        {"MAIL FROM:<b@x>", "503"},
        {"DATA", "503"},
        {"RCPT TO:<bob>", "250"},
        {"RSET", "250"},
        {"RCPT TO:<bob>", "503"},
        {"MAIL FROM:<a@x>", "250"},
        {"EHLO again", "250"},
        {"RCPT TO:<bob>", "503"}});
}

TEST(SmtpSession, RefusesBadArguments) {
  Play({{"MAIL", "501"},
        {"MAIL FROM", "501"},
        {"MAIL FROM:", "501"},
        {"MAIL FROM:<a b>", "501"},
        {"MAIL FROM:<a@x", "501"},
        {"MAIL FROM:<a@x>SIZE=1", "501"},
        {"MAIL FROM:<a@x> SIZE=x", "501"},
        {"MAIL FROM:<a@x> SIZE=99999999999", "552"},
        {"MAIL FROM:<a@x> BODY=BINARYMIME", "501"},
        {"MAIL FROM:<a@x> AUTH=<>", "555"},
        {"MAIL FROM:<a@x> ENVID=+ZZ", "501"},
        {"MAIL FROM:<a@x> ENVID=a+0Ab", "501"},
        {"MAIL FROM:<a@x>\rRCPT TO:<b>", "500"},
        {std::string("MAIL FROM:<a\0@x>", 16), "500"},
        {"MAIL FROM:<a@x>", "250"},
        {"RCPT TO:<>", "501"},
        {"RCPT TO:<a,b>", "501"},
        {"RCPT TO:<bob@>", "501"},
        {"RCPT TO:<bob> NOTIFY=x", "501"},
        {"RCPT TO:<bob> ORCPT=x", "501"},
        {"RCPT TO:<bob> ORCPT=rfc822;\x01", "500"},
        {"RCPT TO:<bob> ORCPT=rfc\x7f;bob", "500"},
        {"RCPT TO:<bob> SIZE=1", "555"},
        {"DATA", "503"}});
  EXPECT_THAT(SmtpSession::OnLongLine().text, StartsWith("500"));
}

TEST(SmtpSession, MapsARefusalToAReply) {
  SmtpSession session("h", 1000);
  const std::pair<int, const char*> cases[] = {{EX_DATAERR, "554 5.6.0 "},
                                               {EX_UNAVAILABLE, "552 5.3.4 "},
                                               {EX_TEMPFAIL, "451 4.3.0 "},
                                               {EX_IOERR, "451 4.3.0 "}};
  for (const auto& [status, reply] : cases)
    EXPECT_EQ(session.OnRefused(status, "why\nX").text, std::string(reply) + "why X\r\n");
}

}  // namespace
