// SPDX-License-Identifier: BSD-2-Clause
#include "submit/envelope_maker.hxx"

#include "mail/address.hxx"
#include "submit/refusal.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sysexits.h>

namespace {

using testing::ElementsAre;

submit::Site MakeSite() {
  submit::Site site;
  site.domain = "d.example";
  site.identify = [](uid_t) { return submit::Identity{"alice", "Alice"}; };
  site.is_user = [](const std::string& name) { return name == "AD\\alice"; };
  site.address_names = [] { return std::set<std::string>{"ann@ad.example.org"}; };
  return site;
}

template <typename Action>
int StatusOf(Action action) {
  try {
    action();
    return EX_OK;
  } catch (const submit::Refusal& refusal) {
    return refusal.Status();
  }
}

std::string Sender(const std::optional<std::string>& given) {
  submit::Request request;
  request.sender = given;
  const auto site = MakeSite();
  submit::User user(site.uid, site.identify);
  return submit::MakeSender(request, site, user);
}

std::vector<std::string> Recipients(const std::vector<std::string>& operands,
                                    const std::string& header = {}) {
  submit::Request request;
  for (const auto& operand : operands) request.destinations.push_back({operand, {}, {}});
  request.header_recipients = !header.empty();
  mail::HeaderReader reader;
  if (reader.Add(header) == mail::HeaderReader::State::Reading) reader.Finish();
  std::vector<std::string> addresses;
  const auto site = MakeSite();
  submit::User user(site.uid, site.identify);
  for (const auto& recipient : submit::MakeRecipients(request, site, user, reader.Fields()))
    addresses.push_back(recipient.address);
  return addresses;
}

TEST(MakeSender, LeavesALocalAddressWithoutADomain) {
  const std::pair<std::optional<std::string>, const char*> cases[] = {
      {std::nullopt, "alice"},
      {"", ""},
      {"<>", ""},
      {" <> ", ""},
      {"eve", "eve"},
      {"eve@x", "eve@x"},
      {"<eve@x>", "eve@x"},
      {"Eve <eve@x>", "eve@x"},
      {"\"a b\"", "\"a b\""},
      {"mailer-daemon", ""},
      {"<MAILER-DAEMON>", ""},
      {"MAILER-DAEMON@x", "MAILER-DAEMON@x"},
      {"AD\\alice", "\"AD\\\\alice\""},
      {"ann@ad.example.org", "ann@ad.example.org"},
  };
  for (const auto& [given, sender] : cases) EXPECT_EQ(Sender(given), sender) << given.value_or("(none)");
}

TEST(MakeSender, QuotesAnOddUserName) {
  auto site = MakeSite();
  site.identify = [](uid_t) { return submit::Identity{"DOMAIN\\user name", ""}; };
  submit::User user(0, site.identify);
  EXPECT_EQ(submit::MakeSender({}, site, user), "\"DOMAIN\\\\user name\"");
}

TEST(MakeSender, TakesANameThatIsAnAddressAsItIs) {
  auto site = MakeSite();
  site.identify = [](uid_t) { return submit::Identity{"eve@ad.example.org", ""}; };
  submit::User user(0, site.identify);
  EXPECT_EQ(submit::MakeSender({}, site, user), "eve@ad.example.org");
  EXPECT_EQ(submit::OwnAddress(site, user), "eve@ad.example.org");
}

TEST(MakeSender, RefusesAnAddressThatQualifyingMakesTooLong) {
  EXPECT_EQ(StatusOf([] { (void)Sender(std::string(999, 'x')); }), EX_DATAERR);
}

TEST(MakeSender, RefusesWhatIsNoAddress) {
  for (const auto& text : {std::string("a@x\nRCPT TO:<e@x>"), std::string("a\0b", 3), std::string("a b"),
                           std::string("a@x, b@x"), std::string("a@"), std::string("a@x\r"),
                           std::string("a@x b@y"), std::string("a@x;b@y"), std::string("XY\\alice")})
    EXPECT_EQ(StatusOf([&] { (void)Sender(text); }), EX_DATAERR) << testing::PrintToString(text);
}

TEST(MakeRecipients, UnitesAndTakesEachOnce) {
  EXPECT_THAT(Recipients({"a@x", "b, c@Y", "A@x", "a@X", "c@y"}), ElementsAre("a@x", "b", "c@Y", "A@x"));
  EXPECT_THAT(Recipients({"d@x", "a@x"}, "To: a@x\nBcc: e@x\n"), ElementsAre("d@x", "a@x", "e@x"));
}

TEST(MakeRecipients, SendsMalformedOnesAlongWithGoodOnes) {
  EXPECT_THAT(Recipients({"bob@", "a@x"}), ElementsAre("a@x", "bob@"));
  EXPECT_THAT(Recipients({}, "To: Bob far@x\nCc: carol\n"), ElementsAre("carol", "Bob far@x"));

  EXPECT_THAT(Recipients({"a@x, John Smith, <>, \"x, :include:/etc/passwd"}),
              ElementsAre("a@x", "John Smith", "<>", "\"x, :include:/etc/passwd"));
}

TEST(MakeRecipients, PassesOverEmptyOnesAmongOthers) {
  EXPECT_THAT(Recipients({"bob", "", " "}), ElementsAre("bob"));
  EXPECT_THAT(Recipients({""}, "To: a@x\n"), ElementsAre("a@x"));
}

TEST(MakeRecipients, KnowsAUserByTheWholeName) {
  EXPECT_THAT(Recipients({"AD\\alice", " ann@ad.example.org ", "bob@ad.example.org"}),
              ElementsAre("\"AD\\\\alice\"", "\"ann@ad.example.org\"", "bob@ad.example.org"));
  EXPECT_THAT(Recipients({}, "To: ann@ad.example.org\n"), ElementsAre("ann@ad.example.org"));
  EXPECT_EQ(StatusOf([] { (void)Recipients({"XY\\alice"}); }), EX_DATAERR);
}

TEST(MakeRecipients, KnowsTheCallerByTheWholeName) {
  auto site = MakeSite();
  site.identify = [](uid_t) { return submit::Identity{"eve@ad.example.org", ""}; };
  submit::User user(0, site.identify);
  submit::Request request;
  request.destinations = {{"eve@ad.example.org", {}, {}}};
  EXPECT_EQ(submit::MakeRecipients(request, site, user, {}).at(0).address, "\"eve@ad.example.org\"");
  site.identify = [](uid_t) -> submit::Identity { throw submit::Refusal(EX_TEMPFAIL, "away"); };
  submit::User unknown(0, site.identify);
  EXPECT_EQ(submit::MakeRecipients(request, site, unknown, {}).at(0).address, "eve@ad.example.org");
}

TEST(MakeRecipients, SaysWhereAResentMessageNamesThem) {
  submit::Request request;
  request.header_recipients = true;
  const auto site = MakeSite();
  submit::User user(site.uid, site.identify);
  mail::HeaderReader reader;
  (void)reader.Add("Resent-From: a@x\nTo: b@x\n\n");
  try {
    (void)submit::MakeRecipients(request, site, user, reader.Fields());
    FAIL();
  } catch (const submit::Refusal& refusal) {
    EXPECT_NE(std::string(refusal.what()).find("Resent-To"), std::string::npos);
  }
}

TEST(MakeRecipients, RefusesWhatIsNoRecipient) {
  EXPECT_EQ(StatusOf([] { (void)Recipients({}); }), EX_USAGE);
  EXPECT_EQ(StatusOf([] { (void)Recipients({}, "Subject: t\n"); }), EX_USAGE);
  EXPECT_EQ(StatusOf([] { (void)Recipients({"undisclosed:;"}); }), EX_USAGE);
  const std::string bad[] = {"",      " ",          "bob@",  "a@x\nb@x", std::string("a@x\0b", 5),
                             "a@x\r", "a@x\t, b@x", "\x7f@x"};
  for (const auto& operand : bad) {
    EXPECT_EQ(StatusOf([&] { (void)Recipients({operand}); }), EX_DATAERR) << testing::PrintToString(operand);
    if (operand == "bob@" || operand.find_first_not_of(' ') == operand.npos) continue;
    EXPECT_EQ(StatusOf([&] {
                (void)Recipients({"good@x", operand});
              }),
              EX_DATAERR)
        << testing::PrintToString(operand);
  }
}

TEST(MakeRecipients, RefusesControlCharactersFromTheHeader) {
  EXPECT_EQ(StatusOf([] { (void)Recipients({}, "To: a@x, b\x01c@x\n"); }), EX_DATAERR);
  EXPECT_THAT(Recipients({}, std::string("To: a@x,\0c@x\rd@x\n", 18)), ElementsAre("a@x", "c@x", "d@x"));
}

TEST(MakeRecipients, RefusesMoreThanAnEnvelopeHolds) {
  std::string list;
  for (std::size_t i = 0; i <= mail::Envelope::kMaxRecipients; ++i) list += "u" + std::to_string(i) + ",";
  EXPECT_EQ(StatusOf([&] { (void)Recipients({list}); }), EX_DATAERR);
}

TEST(Qualify, LeavesWhatHasADomain) {
  EXPECT_EQ(submit::Qualify("a", "d"), "a@d");
  EXPECT_EQ(submit::Qualify("a@x", "d"), "a@x");
  EXPECT_EQ(submit::Qualify("", "d"), "");
  EXPECT_EQ(submit::Qualify("bob@", "d"), "bob@");
}

std::vector<mail::Recipient> RecipientsAt(const std::vector<std::string>& addresses) {
  std::vector<mail::Recipient> recipients(addresses.size());
  for (std::size_t i = 0; i < addresses.size(); ++i) recipients[i].address = addresses[i];
  return recipients;
}

TEST(KeepOwnHere, TakesAddressLiteralsOfThisMachineAway) {
  auto site = MakeSite();
  site.is_own_address = [](const std::string& address) {
    return address == "192.0.2.7" || address == "2001:db8::7";
  };
  auto recipients = RecipientsAt(
      {"a@[192.0.2.7]", "b@[IPv6:2001:db8::7]", "c@[192.0.2.8]", "d@192.0.2.7", "e", "\"f g\"@[192.0.2.7]"});
  submit::KeepOwnHere(recipients, site);
  std::vector<std::string> addresses;
  for (const auto& recipient : recipients) addresses.push_back(recipient.address);
  EXPECT_THAT(addresses, ElementsAre("a", "b", "c@[192.0.2.8]", "d@192.0.2.7", "e", "\"f g\""));
  EXPECT_TRUE(submit::IsOwnAddress("127.0.0.1"));
  EXPECT_FALSE(submit::IsOwnAddress("192.0.2.8"));
  EXPECT_FALSE(submit::IsOwnAddress("localhost"));
}

TEST(KeepOwnHere, RefusesWhatNobodyHereGets) {
  auto site = MakeSite();
  site.refuses_domain = [](std::string_view domain) { return domain == "example.net"; };
  const auto status = [&](const std::vector<std::string>& addresses) {
    auto recipients = RecipientsAt(addresses);
    return StatusOf([&] { submit::KeepOwnHere(recipients, site); });
  };
  EXPECT_EQ(status({"a@example.net", "b@example.net"}), EX_NOHOST);
  EXPECT_EQ(status({"a@example.net", "b"}), EX_OK) << "the sender has a bounce for the other one";
  site.refuses_domain = {};
  EXPECT_EQ(status({"a@example.net"}), EX_OK);
}

}  // namespace
