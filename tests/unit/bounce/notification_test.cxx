// SPDX-License-Identifier: BSD-2-Clause
#include "bounce/notification.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::HasSubstr;
using testing::Not;

struct NotificationTest : testing::Test {
  mail::Envelope envelope;
  mail::QueueId id = mail::QueueId::Make(mail::FromMicroseconds(1700000000000000), 1);
  std::string original = "From: a@example.org\nSubject: hello\n\nthe body\n";

  NotificationTest() {
    envelope.id = mail::QueueId::Make(mail::FromMicroseconds(1600000000000000), 2);
    envelope.sender = "a@example.org";
    envelope.created = mail::FromMicroseconds(1600000000000000);
    auto& recipient = envelope.recipients.emplace_back();
    recipient.address = "b@example.net";
    recipient.result = mail::Failed("5.1.1", "550 5.1.1 no such user");
    recipient.result->remote = "mx.example.net:25";
  }

  [[nodiscard]] bounce::Report Report(bool cut = false) const {
    return {envelope,
            envelope.sender,
            {envelope.recipients[0]},
            original,
            cut,
            "host.example.org",
            "example.org",
            id,
            mail::FromMicroseconds(1700000000000000)};
  }
};

TEST_F(NotificationTest, NamesEachRecipientByAWholeAddress) {
  envelope.recipients[0].address = "carol";
  EXPECT_THAT(MakeNotification(Report()), HasSubstr("\nFinal-Recipient: rfc822; carol@example.org\n"));
}

TEST_F(NotificationTest, IsAddressedToAWholeAddress) {
  envelope.sender = "alice";
  EXPECT_THAT(MakeNotification(Report()), HasSubstr("\nTo: alice@example.org\n"));
  EXPECT_EQ(bounce::MakeEnvelope(Report()).recipients[0].address, "alice");
}

TEST_F(NotificationTest, IsAReportOfThreeParts) {
  const auto text = bounce::MakeNotification(Report());
  EXPECT_THAT(text, HasSubstr("From: Mail Delivery System <MAILER-DAEMON@example.org>\nTo: a@example.org\n"));
  EXPECT_THAT(text, HasSubstr("Auto-Submitted: auto-replied\n"));
  EXPECT_THAT(text, HasSubstr("multipart/report; report-type=delivery-status"));
  EXPECT_THAT(text,
              HasSubstr("Content-Type: message/delivery-status\n\nReporting-MTA: dns; host.example.org\n"));
  EXPECT_THAT(
      text, HasSubstr("\n\nFinal-Recipient: rfc822; b@example.net\nAction: failed\nStatus: 5.1.1\n"
                      "Remote-MTA: dns; mx.example.net:25\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n"));
  EXPECT_THAT(text, HasSubstr("Content-Type: message/rfc822\n\n" + original));
}

TEST_F(NotificationTest, ReturnsOnlyTheHeadersWhereTheMessageIsLongOrThatWasAskedFor) {
  EXPECT_THAT(bounce::MakeNotification(Report(true)), Not(HasSubstr("the body")));
  envelope.ret = "HDRS";
  const auto text = bounce::MakeNotification(Report());
  EXPECT_THAT(text, HasSubstr("Content-Type: text/rfc822-headers\n\nFrom: a@example.org\nSubject: hello\n"));
  EXPECT_THAT(text, Not(HasSubstr("the body")));
}

TEST_F(NotificationTest, AReplyCannotAddALine) {
  envelope.recipients[0].result->text = "no\nAction: delivered\r\nX: y";
  EXPECT_THAT(bounce::MakeNotification(Report()), Not(HasSubstr("\nAction: delivered")));
}

TEST_F(NotificationTest, GoesFromTheNullSenderToTheSender) {
  const auto carrier = bounce::MakeEnvelope(Report());
  EXPECT_EQ(carrier.sender, "");
  ASSERT_EQ(carrier.recipients.size(), 1u);
  EXPECT_EQ(carrier.recipients[0].address, "a@example.org");
  EXPECT_EQ(carrier.id, id);
}

TEST_F(NotificationTest, IsWantedUnlessNotifySaysNo) {
  const struct {
    const char* notify;
    bool wanted;
  } cases[] = {{"", true}, {"NEVER", false}, {"DELAY", false}, {"SUCCESS,failure", true}};
  for (const auto& [notify, wanted] : cases) {
    envelope.recipients[0].notify = notify;
    EXPECT_EQ(bounce::WantsReport(envelope.recipients[0]), wanted) << notify;
  }
}

}  // namespace
