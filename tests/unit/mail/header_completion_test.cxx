// SPDX-License-Identifier: BSD-2-Clause
#include "mail/header_completion.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const mail::HeaderFacts kFacts = {"F", "D", "M", "dom"};

mail::HeaderReader Read(const std::string& header) {
  mail::HeaderReader reader;
  if (reader.Add(header) == mail::HeaderReader::State::Reading) reader.Finish();
  return reader;
}

std::string Complete(const std::string& header, mail::Resent resent = mail::Resent::Leave) {
  return mail::CompleteHeader(Read(header).Fields(), kFacts, resent);
}

std::vector<std::string> Recipients(const std::string& header) {
  std::vector<std::string> addresses;
  for (const auto& mailbox : mail::HeaderRecipients(Read(header).Fields()).mailboxes)
    addresses.push_back(mailbox.address);
  return addresses;
}

TEST(CompleteHeader, AddsWhatIsMissingAtTheEnd) {
  const std::pair<const char*, std::string> cases[] = {
      {"", "From: F\nDate: D\nMessage-ID: M\n\n"},
      {"Subject: t\n", "Subject: t\nFrom: F\nDate: D\nMessage-ID: M\n\n"},
      {"from: a@x\nDATE: y\nMessage-Id: <z>\n", "from: a@x\nDATE: y\nMessage-Id: <z>\n\n"},
      {"Date: y\nX: 1\nX: 2\n", "Date: y\nX: 1\nX: 2\nFrom: F\nMessage-ID: M\n\n"},
      {"From : a@x\n", "From : a@x\nDate: D\nMessage-ID: M\n\n"},
      {"From:\nDate: \n\t\nMessage-ID:  \nSubject:\n", "Subject:\nFrom: F\nDate: D\nMessage-ID: M\n\n"},
      {"From:\nFrom: a@x\n", "From: a@x\nDate: D\nMessage-ID: M\n\n"},
  };
  for (const auto& [header, completed] : cases) EXPECT_EQ(Complete(header), completed) << header;
}

TEST(CompleteHeader, DropsBlindCopiesFoldedOrNot) {
  const auto header = Complete(
      "Bcc: a@x\nbcc: b@x,\n c@x,\n\td@x\nSubject: t\nBCC:\nResent-Bcc: e@x\n f@x\nReturn-Path: "
      "<r>\nContent-Length: 5\n");
  EXPECT_EQ(header, "Subject: t\nFrom: F\nDate: D\nMessage-ID: M\n\n");
}

TEST(CompleteHeader, RewritesFromAlone) {
  auto facts = kFacts;
  facts.rewrite_from = [](std::string_view body) { return "(was)" + std::string(body); };
  const auto header = mail::CompleteHeader(
      Read("FROM: a\nSender: c\nTo: d@x\nResent-From: e\nX-From: f\n").Fields(), facts, mail::Resent::Leave);
  EXPECT_EQ(header,
            "FROM:(was) a@dom\nSender: c@dom\nTo: d@x\nResent-From:(was) e@dom\nX-From: f\n"
            "Date: D\nMessage-ID: M\n\n");
  EXPECT_EQ(mail::CompleteHeader({}, facts, mail::Resent::Leave), "From: (was)F\nDate: D\nMessage-ID: M\n\n");
}

TEST(CompleteHeader, QualifiesAddressFieldsAndNoOthers) {
  const auto header = Complete(
      "From: root (x)\nTo: a,\n b\nCc: c@x\nReply-To: d\nSender: e\nResent-To: f\nResent-From: g\nSubject: "
      "h\nX-To: i\n");
  EXPECT_EQ(header,
            "From: root@dom (x)\nTo: a@dom,\n b@dom\nCc: c@x\nReply-To: d@dom\nSender: e@dom\n"
            "Resent-To: f@dom\nResent-From: g@dom\nSubject: h\nX-To: i\nDate: D\nMessage-ID: M\n\n");
}

TEST(CompleteHeader, LetsNoCarriageReturnBeALineEnd) {
  const auto header = Complete("Subject: a\rBcc: b@x\nTo: c\r, d\nDate: \r\r\n");
  EXPECT_EQ(header.find('\r'), header.npos) << header;
  EXPECT_NE(header.find("Subject: a Bcc: b@x\n"), header.npos) << header;
}

TEST(CompleteHeader, MakesOneOfFieldsThatStandTwice) {
  const std::string rest = "From: F\nDate: D\nMessage-ID: M\n\n";
  const std::pair<std::string, std::string> cases[] = {
      {"To: u1\nX: y\ntO : u2\nTo: u3 (c),\n u4\n", "To: u1@dom,\n u2@dom,\n u3@dom (c),\n u4@dom\nX: y\n"},
      {"Cc: a@x,\nCC: b@x\nReply-To: c@x\nReply-to:d@x\n", "Cc: a@x,\n b@x\nReply-To: c@x,\n d@x\n"},
      {"To: \nTo: a@x\nTo:\n", "To: a@x\n"},
      {"Bcc: a\nBcc: b\nTo: c@x\n", "To: c@x\n"},
      {"Subject: one\nSUBJECT: two\nSender: a@x\nSender: b@x\n", "Subject: one\nSender: a@x\n"},
      {"Subject:\nSubject: two\nSubject: three\n", "Subject: two\n"},
      {"Subject:\nSubject:\n", "Subject:\n"},
      {"References: <a@x>\nReferences: <b@x>\n <c@x>\n", "References: <a@x>\n <b@x>\n <c@x>\n"},
      {"MIME-Version: 1.0\nMIME-version: 1.0\nContent-Type: a/b\ncontent-type:  a/b\n",
       "MIME-Version: 1.0\nContent-Type: a/b\n"},
      // Which is meant nobody knows.
      {"Content-Type: a/b\nContent-Type: c/d\n", "Content-Type: a/b\nContent-Type: c/d\n"},
      // What is joined to something that is not closed would be lost.
      {"To: \"a <b@x>\nTo: c@x\n", "To: \"a <b@x>\nTo: c@x\n"},
      {"Received: a\nReceived: b\nComments: c\nComments: d\nResent-To: e@x\nResent-To: f@x\n",
       "Received: a\nReceived: b\nComments: c\nComments: d\nResent-To: e@x\nResent-To: f@x\n"},
  };
  for (const auto& [header, completed] : cases) EXPECT_EQ(Complete(header), completed + rest) << header;
  EXPECT_EQ(Complete("From: a@x\nfrom: b@x\nDate: 1\nDATE: 2\nMessage-ID: <3>\nMessage-Id: <4>\n"),
            "From: a@x\nDate: 1\nMessage-ID: <3>\n\n");
}

TEST(CompleteHeader, PutsCommasBetweenAddresses) {
  EXPECT_EQ(Complete("To: bob far@example.net\nCc: Bob Brown x@y\nFrom: a b@x\n"),
            "To: bob@dom, far@example.net\nCc: Bob Brown x@y\nFrom: a b@x\nDate: D\nMessage-ID: M\n\n");
}

TEST(CompleteHeader, CompletesTheFirstResentBlockOnly) {
  const std::string old_block = "Resent-From: o@x\nResent-To: p@x\nResent-Date: y\nResent-Message-ID: z\n";
  const std::string rest = "From: a@x\nDate: d\nMessage-ID: m\n\n";
  EXPECT_EQ(
      Complete("Resent-To: r@x\nReceived: s\n" + old_block + rest, mail::Resent::Complete),
      std::string("Resent-From: F\nResent-Date: D\nResent-Message-ID: M\nResent-To: r@x\nReceived: s\n") +
          old_block + rest);
  EXPECT_EQ(Complete("Resent-From: me@x\nResent-To: r@x\n" + old_block + rest, mail::Resent::Complete),
            std::string("Resent-Date: D\nResent-Message-ID: M\nResent-From: me@x\nResent-To: r@x\n") +
                old_block + rest);
  EXPECT_EQ(Complete("Resent-To: r@x\n" + rest, mail::Resent::Leave), ("Resent-To: r@x\n" + rest));
}

TEST(HeaderRecipients, AreThoseOfToCcAndBcc) {
  EXPECT_THAT(Recipients("to: a@x\nCC: b@x,\n c@x\nbCc:d@x\nTo: e\nSubject: To: f@x\nApparently-To: g@x\n"),
              ElementsAre("a@x", "b@x", "c@x", "d@x", "e"));
  EXPECT_THAT(Recipients("To: \nBcc: g@x\n"), ElementsAre("g@x"));
  EXPECT_THAT(Recipients("Subject: x\n\nTo: body@x\n"), IsEmpty());
  EXPECT_THAT(Recipients("Subject: x\nnot a field\nTo: body@x\n"), IsEmpty());
}

TEST(HeaderRecipients, MayBeSeparatedByBlanks) {
  EXPECT_THAT(Recipients("To: bob far@example.net\n"), ElementsAre("bob", "far@example.net"));
}

TEST(HeaderRecipients, AreThoseOfTheLatestResentBlock) {
  EXPECT_THAT(Recipients("To: a@x\nResent-From: b@x\nResent-To: c@x\nResent-Bcc: d@x\n"),
              ElementsAre("c@x", "d@x"));
  EXPECT_THAT(Recipients("Resent-To: a@x\nResent-Cc: b@x\nReceived: y\nResent-To: old@x\nTo: c@x\n"),
              ElementsAre("a@x", "b@x"));
  EXPECT_THAT(Recipients("Resent-Date: y\nResent-To: a@x\nResent-Date: z\nResent-To: old@x\n"),
              ElementsAre("a@x"));
  EXPECT_THAT(Recipients("From: a@x\nSubject: y\nResent-To: b@x\nX: z\nResent-Cc: c@x\n"),
              ElementsAre("b@x", "c@x"));
  EXPECT_THAT(Recipients("To: a@x\nResent-From: b@x\n"), IsEmpty());
}

TEST(HeaderRecipients, TellsMalformedOnes) {
  EXPECT_THAT(mail::HeaderRecipients(Read("To: bob@, a@x\n").Fields()).malformed, ElementsAre("bob@"));
}

}  // namespace
