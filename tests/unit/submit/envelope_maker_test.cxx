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
  for (const auto& recipient : submit::MakeRecipients(request, reader.Fields()))
    addresses.push_back(recipient.address);
  return addresses;
}

TEST(MakeSender, LeavesALocalAddressWithoutADomain) {
  const std::pair<std::optional<std::string>, const char*> cases[] = {
      {std::nullopt, "alice"}, {"", ""},           {"<>", ""},           {" <> ", ""},
      {"eve", "eve"},          {"eve@x", "eve@x"}, {"<eve@x>", "eve@x"}, {"Eve <eve@x>", "eve@x"},
      {"\"a b\"", "\"a b\""},
  };
  for (const auto& [given, sender] : cases) EXPECT_EQ(Sender(given), sender) << given.value_or("(none)");
}

TEST(MakeSender, QuotesAnOddUserName) {
  auto site = MakeSite();
  site.identify = [](uid_t) { return submit::Identity{"DOMAIN\\user name", ""}; };
  submit::User user(0, site.identify);
  EXPECT_EQ(submit::MakeSender({}, site, user), "\"DOMAIN\\\\user name\"");
}

TEST(MakeSender, RefusesAnAddressThatQualifyingMakesTooLong) {
  EXPECT_EQ(StatusOf([] { (void)Sender(std::string(999, 'x')); }), EX_DATAERR);
}

TEST(MakeSender, RefusesWhatIsNoAddress) {
  for (const auto& text : {std::string("a@x\nRCPT TO:<e@x>"), std::string("a\0b", 3), std::string("a b"),
                           std::string("a@x, b@x"), std::string("a@"), std::string("a@x\r")})
    EXPECT_EQ(StatusOf([&] { (void)Sender(text); }), EX_DATAERR) << testing::PrintToString(text);
}

TEST(MakeRecipients, UnitesAndTakesEachOnce) {
  EXPECT_THAT(Recipients({"a@x", "b, c@Y", "A@x", "a@X", "c@y"}), ElementsAre("a@x", "b", "c@Y", "A@x"));
  EXPECT_THAT(Recipients({"d@x", "a@x"}, "To: a@x\nBcc: e@x\n"), ElementsAre("d@x", "a@x", "e@x"));
}

TEST(MakeRecipients, SendsMalformedOnesAlongWithGoodOnes) {
  EXPECT_THAT(Recipients({"bob@", "a@x"}), ElementsAre("a@x", "\"bob@\""));
  for (const auto& address : Recipients({"a@x, John Smith, <>, \"x, :include:/etc/passwd"}))
    EXPECT_TRUE(mail::Address::Parse(address)) << address;  // or the runner would take none of them
}

TEST(MakeRecipients, RefusesWhatIsNoRecipient) {
  EXPECT_EQ(StatusOf([] { (void)Recipients({}); }), EX_USAGE);
  EXPECT_EQ(StatusOf([] { (void)Recipients({}, "Subject: t\n"); }), EX_USAGE);
  EXPECT_EQ(StatusOf([] { (void)Recipients({"undisclosed:;"}); }), EX_USAGE);
  const std::string bad[] = {"",      " ",          "bob@",  "a@x\nb@x", std::string("a@x\0b", 5),
                             "a@x\r", "a@x\t, b@x", "\x7f@x"};
  for (const auto& operand : bad) {
    EXPECT_EQ(StatusOf([&] { (void)Recipients({operand}); }), EX_DATAERR) << testing::PrintToString(operand);
    if (operand == "bob@") continue;
    EXPECT_EQ(StatusOf([&] {
                (void)Recipients({"good@x", operand});
              }),
              EX_DATAERR)
        << testing::PrintToString(operand);
  }
}

TEST(MakeRecipients, RefusesControlCharactersFromTheHeader) {
  const std::string header("To: a@x, b\0c@x\n", 15);
  EXPECT_EQ(StatusOf([&] { (void)Recipients({}, header); }), EX_DATAERR);
  EXPECT_EQ(StatusOf([] { (void)Recipients({}, "To: a@x\rb@x\n"); }), EX_DATAERR);
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

}  // namespace
