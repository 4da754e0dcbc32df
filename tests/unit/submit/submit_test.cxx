// SPDX-License-Identifier: BSD-2-Clause
#include "submit/submit.hxx"

#include "mail/masquerade.hxx"
#include "private_drop.hxx"
#include "submit/refusal.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sysexits.h>

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class TextSource final : public submit::MessageSource {
 public:
  TextSource(std::string text, bool cut) : text_(std::move(text)), cut_(cut) {}
  std::string_view Next() override {
    if (given_ && cut_) throw submit::Refusal(EX_IOERR, "cut");
    return std::exchange(given_, true) ? std::string_view() : text_;
  }

 private:
  std::string text_;
  bool cut_;
  bool given_ = false;
};

class SubmitTest : public testing::Test {
 protected:
  SubmitTest() {
    site.hostname = "host.d";
    site.domain = "d";
    site.drop_directory = drop.Path();
    site.submit_socket = drop.Path() + "/none";
    site.uid = 1000;
    site.identify = [](uid_t) { return submit::Identity{"alice", "Alice L"}; };
    request.destinations.push_back({"bob", {}, {}});
  }

  int Submit(const std::string& text, bool cut = false) {
    TextSource source(text, cut);
    try {
      (void)submit::Submit(request, site, source);
      return EX_OK;
    } catch (const submit::Refusal& refusal) {
      return refusal.Status();
    }
  }

  // The text of the only message.
  std::string Text() {
    const auto messages = drop.Messages();
    EXPECT_THAT(messages, SizeIs(1));
    return messages.empty() ? "" : messages[0].text;
  }

  PrivateDrop drop;
  submit::Site site;
  submit::Request request;
};

TEST_F(SubmitTest, CompletesTheMessage) {
  ASSERT_EQ(Submit("Subject: t\n\nbody\n"), EX_OK);
  const auto messages = drop.Messages();
  ASSERT_THAT(messages, SizeIs(1));
  const auto& [name, envelope, text] = messages[0];
  EXPECT_EQ(envelope.sender, "alice");                  // likewise
  EXPECT_EQ(envelope.recipients.at(0).address, "bob");  // local whatever the domain is
  EXPECT_THAT(text, testing::MatchesRegex("Subject: t\nFrom: Alice L <alice@d>\nDate: [^\n]*\nMessage-ID: <" +
                                          name + "\\.[0-9a-f]{8}@host.d>\n\nbody\n"));
}

TEST_F(SubmitTest, MakesFromOfWhatItKnows) {
  const struct {
    std::optional<std::string> sender;
    const char* name;
    const char* email;
    const char* from;
  } cases[] = {
      {std::nullopt, "", "", "From: Alice L <alice@d>\n"},
      {std::nullopt, "N", "", "From: N <alice@d>\n"},
      {std::nullopt, "", "e@x", "From: Alice L <e@x>\n"},
      {std::nullopt, "N", "E <e>", "From: N <e@d>\n"},
      {std::nullopt, "", "no address", "From: Alice L <alice@d>\n"},
      {"s@x", "", "e@x", "From: s@x\n"},
      {"s@x", "N", "", "From: N <s@x>\n"},
      {"alice", "", "", "From: Alice L <alice@d>\n"},
      {"", "", "", "From: Alice L <alice@d>\n"},
  };
  for (const auto& [sender, name, email, from] : cases) {
    request.sender = sender;
    request.full_name = name;
    request.from_address = email;
    PrivateDrop fresh;
    site.drop_directory = fresh.Path();
    ASSERT_EQ(Submit("Subject: t\n\n"), EX_OK) << from;
    EXPECT_THAT(fresh.Messages().at(0).text, HasSubstr(from));
  }
}

TEST_F(SubmitTest, MasqueradesFrom) {
  site.rewrite_from = [](std::string_view body) {
    return mail::MasqueradeAddressList(
        body, "me@isp.example", [](std::string_view domain) { return domain.empty() || domain == "d"; });
  };
  const std::pair<const char*, const char*> cases[] = {
      {"Subject: t\n\n", "\nFrom: Alice L <me@isp.example>\n"},
      {"From: Alice <alice>\n\n", "From: Alice <me@isp.example>\n"},
      {"From: Alice (x) <alice@d>, b@x\nSender: alice\n\n",
       "From: Alice (x) <me@isp.example>, b@x\nSender: alice@d\n"},
  };
  for (const auto& [text, from] : cases) {
    PrivateDrop fresh;
    site.drop_directory = fresh.Path();
    ASSERT_EQ(Submit(text), EX_OK) << from;
    EXPECT_THAT(fresh.Messages().at(0).text, HasSubstr(from));
    EXPECT_EQ(fresh.Messages().at(0).envelope.sender, "alice");
  }
}

TEST_F(SubmitTest, AsksForNoIdentityThatItDoesNotNeed) {
  request.sender = "s@x";
  site.identify = [](uid_t) -> submit::Identity { throw std::logic_error("asked"); };
  EXPECT_EQ(Submit("From: a@x\n\n"), EX_OK);
}

TEST_F(SubmitTest, LetsNothingAddALine) {
  ASSERT_EQ(Submit(std::string("Subject: a\0b\rX-Evil: y\n\n", 25)), EX_OK);
  EXPECT_THAT(Text(), HasSubstr("Subject: a b X-Evil: y\n"));
}

// Nobody who sends mail knows of these variables.
TEST_F(SubmitTest, RefusesNoMailForItsEnvironment) {
  for (const auto& name : {std::string("a\nX-Evil: y"), std::string(submit::kMaxFullName + 1, 'a')})
    for (const auto* email : {"a@x\nX-Evil: y", "a@x\x7f", "a@x, b@x"}) {
      request.full_name = name;
      request.from_address = email;
      PrivateDrop fresh;
      site.drop_directory = fresh.Path();
      ASSERT_EQ(Submit("Subject: t\n\n"), EX_OK);
      EXPECT_THAT(fresh.Messages().at(0).text, HasSubstr("From: Alice L <alice@d>\n"));
    }
}

TEST_F(SubmitTest, QueuesNothingOfAMessageThatIsCut) {
  EXPECT_EQ(Submit("Subject: t\n\npartial", true), EX_IOERR);
  EXPECT_THAT(drop.Names(), IsEmpty());
}

TEST_F(SubmitTest, MakesAFromWhereThatOfTheMessageIsEmpty) {
  ASSERT_EQ(Submit("From: \nSubject: t\n\n"), EX_OK);
  EXPECT_THAT(Text(), HasSubstr("Subject: t\nFrom: Alice L <alice@d>\n"));
}

TEST_F(SubmitTest, KeepsTheBodyByteForByte) {
  std::string body = "a\rb" + std::string(1, '\0') + "c\xff\n";
  body += std::string(5000, 'x') + "\n.\n..\nFrom x\n\n\n";
  ASSERT_EQ(Submit("Subject: t\n\n" + body), EX_OK);
  EXPECT_TRUE(Text().ends_with("\n\n" + body));
}

TEST_F(SubmitTest, CarriesWhatTheSenderAsksOfDeliveryReports) {
  request.destinations = {{"a@x, b@x", "FAILURE", "rfc822;a@x"}};
  request.header_recipients = true;
  request.header_notify = "NEVER";
  request.ret = "HDRS";
  request.envid = "e+id";
  request.body = "8BITMIME";
  ASSERT_EQ(Submit("To: c@x\n\n"), EX_OK);
  const auto envelope = drop.Messages().at(0).envelope;
  EXPECT_EQ(envelope.ret, "HDRS");
  EXPECT_EQ(envelope.envid, "e+id");
  EXPECT_EQ(envelope.body, "8BITMIME");
  ASSERT_THAT(envelope.recipients, SizeIs(3));
  EXPECT_EQ(envelope.recipients[1].notify, "FAILURE");
  EXPECT_EQ(envelope.recipients[1].original, "rfc822;a@x");
  EXPECT_EQ(envelope.recipients[2].notify, "NEVER");
}

}  // namespace
