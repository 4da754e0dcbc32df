// SPDX-License-Identifier: BSD-2-Clause
#include "smtp/client/command.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace {

using smtp::Extensions;

Extensions All() {
  Extensions all;
  all.size = all.eight_bit_mime = all.smtputf8 = all.dsn = all.requiretls = true;
  return all;
}

TEST(MailCommand, SaysNothingThatIsNotOffered) {
  mail::Envelope envelope;
  envelope.sender = "a@example.org";
  envelope.ret = "FULL";
  envelope.envid = "id";
  envelope.tls = mail::TlsDemand::Required;
  const smtp::Message message{envelope, 7, true};
  EXPECT_EQ(smtp::MailCommand(message, true, {}), "MAIL FROM:<a@example.org>\r\n");
  EXPECT_EQ(smtp::MailCommand(message, true, All()),
            "MAIL FROM:<a@example.org> SIZE=7 BODY=8BITMIME SMTPUTF8 RET=FULL REQUIRETLS ENVID=id\r\n");
}

TEST(MailCommand, LeavesOutWhatTheEnvelopeHasNoUseFor) {
  mail::Envelope envelope;
  envelope.body = "7BIT";
  const smtp::Message message{envelope, 0, false};
  EXPECT_EQ(smtp::MailCommand(message, false, All()), "MAIL FROM:<> SIZE=0\r\n");
  envelope.envid = std::string(101, 'x');
  EXPECT_EQ(smtp::MailCommand(message, false, All()), "MAIL FROM:<> SIZE=0\r\n");
}

TEST(MailCommand, SaysWhatThereIsInTheMessage) {
  mail::Envelope envelope;
  for (const auto& [body, eight_bit, said] :
       {std::tuple{"7BIT", true, true}, std::tuple{"", false, false}, std::tuple{"8BITMIME", false, true}}) {
    envelope.body = body;
    const auto command = smtp::MailCommand({envelope, 0, eight_bit}, false, All());
    EXPECT_EQ(command.find("BODY=8BITMIME") != command.npos, said) << body;
  }
}

TEST(RcptCommand, PassesOnOnlyWhatIsWellFormed) {
  struct Case {
    std::string notify;
    std::string original;
    std::string parameters;
  };
  const Case cases[] = {
      {"", "", ""},
      {"NEVER", "rfc822;a@b", " NOTIFY=NEVER ORCPT=rfc822;a@b"},
      {"success,failure,delay", "", " NOTIFY=success,failure,delay"},
      {"SUCCESS,NEVER", "", ""},
      {"NEVER\r\nQUIT", "", ""},
      {",", "", ""},
      {"", "a@b", ""},
      {"", "rfc822;a b", ""},
      {"", "rfc822;a\r\nQUIT", ""},
      {"", "rfc822;" + std::string(500, 'a'), ""},
  };
  for (const auto& test : cases) {
    mail::Recipient recipient;
    recipient.address = "a@b";
    recipient.notify = test.notify;
    recipient.original = test.original;
    EXPECT_EQ(smtp::RcptCommand(recipient, All()), "RCPT TO:<a@b>" + test.parameters + "\r\n")
        << test.notify << " " << test.original;
  }
}

TEST(AddressFor, HasTheDomainInAsciiForAServerThatTakesNothingElse) {
  const std::string address =
      "a@B\xc3\xbc"
      "cher.example";
  EXPECT_EQ(smtp::AddressFor(address, {}), "a@xn--bcher-kva.example");
  EXPECT_EQ(smtp::AddressFor(address, All()), address);
  EXPECT_EQ(smtp::AddressFor("A@Example.ORG", {}), "A@Example.ORG");
  EXPECT_EQ(smtp::AddressFor("\"a b\"@\xc3\xbc.example", {}), "\"a b\"@xn--tda.example");
  EXPECT_EQ(smtp::AddressFor("\xc3\xbc@\xc3\xbc.example", {}), "\xc3\xbc@xn--tda.example");
}

TEST(FindAddressFault, LetsNoCommandThrough) {
  for (const std::string address : {"a@b>\r\nRCPT TO:<c@d", "a@b\r\n", "a@b> SIZE=1", "a b@c", "", "<a@b>"}) {
    const auto fault = smtp::FindAddressFault(address, All());
    ASSERT_TRUE(fault) << address;
    EXPECT_EQ(fault->outcome, mail::Outcome::Failed);
    EXPECT_EQ(fault->status, "5.1.3");
  }
  EXPECT_FALSE(smtp::FindAddressFault("\"a b>\"@c", {}));
  EXPECT_FALSE(smtp::FindAddressFault("\xc3\xbc@c", All()));
  EXPECT_EQ(smtp::FindAddressFault("\xc3\xbc@c", {}).value().status, "5.6.7");
  EXPECT_FALSE(smtp::FindAddressFault("a@\xc3\xbc.example", {}));
}

}  // namespace
