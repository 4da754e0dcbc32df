// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/server/session.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using smtp::server::Session;
using smtp::server::Step;
using testing::SizeIs;
using testing::StartsWith;
using Next = Session::Next;

// Lines with the start of the reply that each gets.
using Dialog = std::vector<std::pair<std::string, const char*>>;

// Grants whatever the client wants.
Session::Reply Say(Session& session, const std::string& line) {
  auto reply = session.OnLine(line);
  if (reply.next != Next::Decide) return reply;
  EXPECT_EQ(reply.text, "") << line;
  return session.Proceed();
}

Session Play(const Dialog& dialog) {
  Session session("host.d", 1000);
  EXPECT_EQ(session.Start().next, Next::Decide);
  EXPECT_EQ(session.Proceed().text, "220 host.d ESMTP mailqueue\r\n");
  for (const auto& [line, reply] : dialog) EXPECT_THAT(Say(session, line).text, StartsWith(reply)) << line;
  return session;
}

TEST(Session, TakesATransaction) {
  auto session = Play(
      {{"EHLO x", "250-host.d\r\n"},
       {"mail from:<eve@x> SIZE=100 BODY=8BITMIME RET=full ENVID=a+2Bb SMTPUTF8 REQUIRETLS", "250 2.1.0"},
       {"RCPT TO:<bob> NOTIFY=failure,SUCCESS ORCPT=rfc822;bob@x", "250 2.1.5"},
       {"rcpt to: <@a,@b:carol@y>", "250 2.1.5"},
       {"RCPT TO:\"a b\"@z", "250 2.1.5"}});
  EXPECT_EQ(Say(session, "DATA").next, Next::Message);
  const auto& transaction = session.GetTransaction();
  EXPECT_EQ(transaction.sender, "eve@x");
  EXPECT_EQ(transaction.body, "8BITMIME");
  EXPECT_EQ(transaction.ret, "FULL");
  EXPECT_EQ(transaction.envid, "a+b");
  EXPECT_TRUE(transaction.require_tls);
  ASSERT_THAT(transaction.recipients, SizeIs(3));
  EXPECT_EQ(transaction.recipients[0].address, "bob");
  EXPECT_EQ(transaction.recipients[0].notify, "SUCCESS,FAILURE");
  EXPECT_EQ(transaction.recipients[0].original, "rfc822;bob@x");
  EXPECT_EQ(transaction.recipients[1].address, "carol@y");
  EXPECT_EQ(transaction.recipients[2].address, "\"a b\"@z");
  EXPECT_EQ(session.OnQueued("ID").text, "250 2.0.0 queued as ID\r\n");
  EXPECT_THAT(Say(session, "DATA").text, StartsWith("503"));
}

TEST(Session, HangsUpOnAMessageInThePlaceOfCommands) {
  const std::vector<Dialog> refused = {
      {}, {{"MAIL FROM:<a", "501"}, {"RCPT TO:<bob>", "503"}}, {{"MAIL FROM:<a@x>", "250"}, {"DATA", "503"}}};
  for (const auto& dialog : refused)
    for (const char* line : {"Subject: x", "X-A : y", "Host: h:25"}) {
      auto session = Play(dialog);
      EXPECT_EQ(Say(session, line).next, Next::Close) << line;
    }
  for (const char* line : {"", "Hello", "."}) {
    auto session = Play({{"MAIL FROM:<a@x>", "250"}, {"DATA", "503"}});
    EXPECT_THAT(Say(session, line).text, StartsWith("421")) << line;
  }
  auto session = Play({{"Hello", "500"},
                       {"", "500"},
                       {"MAIL FROM:<a@x>", "250"},
                       {"DATA", "503"},
                       {"RSET", "250"},
                       {"x", "500"}});
  EXPECT_EQ(Say(session, "NOOP").next, Next::Command);
}

TEST(Session, TakesNoArgumentOfData) {
  Play({{"MAIL FROM:<a@x>", "250"}, {"RCPT TO:<bob>", "250"}, {"DATA x", "501"}, {"DATA", "354"}});
}

TEST(Session, AnswersEachCommand) {
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
  EXPECT_EQ(Session("h", 1000).OnLine("quit").next, Next::Close);
}

TEST(Session, KeepsTheOrderOfATransaction) {
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

TEST(Session, RefusesBadArguments) {
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
  EXPECT_THAT(Session::OnLongLine().text, StartsWith("500"));
}

TEST(Session, AsksAtEachStep) {
  Session session("h", 1000);
  EXPECT_EQ(session.Start().next, Next::Decide);
  EXPECT_EQ(session.GetWish().step, Step::Connect);
  EXPECT_EQ(session.Proceed().next, Next::Command);

  EXPECT_EQ(session.OnLine("EHLO client.d").next, Next::Decide);
  EXPECT_EQ(session.GetWish().step, Step::Hello);
  EXPECT_EQ(session.GetWish().name, "client.d");
  (void)session.Proceed();

  EXPECT_EQ(session.OnLine("MAIL FROM:<a@x> SIZE=10").next, Next::Decide);
  EXPECT_EQ(session.GetWish().step, Step::Sender);
  EXPECT_EQ(session.GetWish().transaction.sender, "a@x");
  EXPECT_EQ(session.GetWish().transaction.size, 10u);
  EXPECT_FALSE(session.GetTransaction().sender) << "it is not decided";
  (void)session.Proceed();
  EXPECT_EQ(session.GetTransaction().sender, "a@x");

  EXPECT_EQ(session.OnLine("RCPT TO:<bob>").next, Next::Decide);
  EXPECT_EQ(session.GetWish().step, Step::Recipient);
  EXPECT_EQ(session.GetWish().recipient.address, "bob");
  EXPECT_THAT(session.GetTransaction().recipients, SizeIs(0));
  (void)session.Proceed();
  EXPECT_THAT(session.GetTransaction().recipients, SizeIs(1));

  EXPECT_EQ(session.OnLine("DATA").next, Next::Decide);
  EXPECT_EQ(session.GetWish().step, Step::Data);
  EXPECT_EQ(session.Proceed().next, Next::Message);
}

TEST(Session, ARefusedStepIsNotTaken) {
  auto session = Play({{"EHLO x", "250"}});
  const auto refuse = [&session](const std::string& line) {
    EXPECT_EQ(session.OnLine(line).next, Next::Decide) << line;
    const auto reply = session.Refuse("550 5.7.1 no\nX");
    EXPECT_EQ(reply.text, "550 5.7.1 no X\r\n");
    EXPECT_EQ(reply.next, Next::Command);
  };
  refuse("MAIL FROM:<a@x>");
  EXPECT_THAT(Say(session, "RCPT TO:<bob>").text, StartsWith("503"));
  EXPECT_THAT(Say(session, "MAIL FROM:<b@x>").text, StartsWith("250"));
  refuse("RCPT TO:<bob>");
  EXPECT_THAT(Say(session, "DATA").text, StartsWith("503"));
  EXPECT_THAT(Say(session, "RCPT TO:<carol>").text, StartsWith("250"));
  refuse("EHLO again");
  refuse("DATA");
  EXPECT_EQ(Say(session, "DATA").next, Next::Message);
  EXPECT_EQ(session.GetTransaction().sender, "b@x");
  EXPECT_EQ(session.GetTransaction().recipients[0].address, "carol");
}

TEST(Session, ARefusedMessageEndsItsTransaction) {
  auto session = Play({{"MAIL FROM:<a@x>", "250"}, {"RCPT TO:<bob>", "250"}, {"DATA", "354"}});
  EXPECT_EQ(session.Refuse("554 5.6.0 why\nX").text, "554 5.6.0 why X\r\n");
  EXPECT_THAT(Say(session, "DATA").text, StartsWith("503"));
}

TEST(Session, AClientThatMayNotConnectIsToldSo) {
  Session session("h", 1000);
  (void)session.Start();
  const auto reply = session.Refuse("554 5.7.1 not you");
  EXPECT_EQ(reply.text, "554 5.7.1 not you\r\n");
  EXPECT_EQ(reply.next, Next::Close);
}

}  // namespace
