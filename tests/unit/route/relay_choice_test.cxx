// SPDX-License-Identifier: BSD-2-Clause
#include "route/relay_choice.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using testing::HasSubstr;

namespace {

config::RelayList RelaysIn(const std::string& text) {
  std::string bad;
  return config::RelayList::Parse(text, bad);
}

struct RelayChoiceTest : testing::Test {
  config::Settings settings;
  route::Tables tables;

  RelayChoiceTest() {
    settings.mail.hostname = "host.example.org";
    settings.mail.domain = "example.org";
    settings.mail.local_domains = {"localhost"};
    auto& common = settings.relay.common;
    common.hosts = RelaysIn("common.example");
    common.options = {{"Connections", "3"}};
    common.places = {{"Host", "/etc/conf:2"}};
  }
  config::RelaySection& AddSection(const std::string& name) {
    auto& section = settings.relay.named.emplace_back();
    section.name = name;
    section.hosts = RelaysIn(name + ".relay.example");
    section.places = {{"Host", "/etc/conf:10"}, {"Senders", "/etc/conf:11"}, {"Recipients", "/etc/conf:12"}};
    return section;
  }
  void SetMap(const std::string& entries) { settings.relay.map = {config::TableSpec::Kind::Static, entries}; }
  route::RelayChoice Choose(const std::string& recipient, const std::string& sender = "me@example.org") {
    tables.Use(settings);
    return ChooseRelay(settings, tables, mail::Address::Parse(recipient).value(), sender);
  }
  // The relays, or the status of the refusal.
  std::string Show(const std::string& recipient, const std::string& sender = "me@example.org") {
    const auto choice = Choose(recipient, sender);
    return choice.refusal ? std::string(ToString(choice.refusal->outcome)) + " " + choice.refusal->status
                          : choice.relays;
  }
};

}  // namespace

TEST_F(RelayChoiceTest, TheCommonRelayIsForAll) {
  const auto choice = Choose("you@example.net");
  EXPECT_EQ(choice.relays, "smtp://common.example");
  EXPECT_EQ(choice.options, "Connections=3\n");
  EXPECT_EQ(choice.where, "[Relay] Host=, /etc/conf:2");
}

TEST_F(RelayChoiceTest, TheMostSpecificRuleCounts) {
  AddSection("net").recipients = {".example.net"};
  AddSection("domain").recipients = {"example.net", ".sub.example.net"};
  AddSection("person").recipients = {"boss@example.net"};
  const struct {
    const char* recipient;
    const char* relays;
  } cases[] = {
      {"you@example.net", "smtp://domain.relay.example"},
      {"you@EXAMPLE.net", "smtp://domain.relay.example"},
      {"Boss@example.net", "smtp://person.relay.example"},
      {"boss@sub.example.net", "smtp://net.relay.example"},
      {"you@a.sub.example.net", "smtp://domain.relay.example"},
      {"you@notexample.net", "smtp://common.example"},
  };
  for (const auto& [recipient, relays] : cases) EXPECT_EQ(Show(recipient), relays) << recipient;
  EXPECT_EQ(Choose("you@example.net").where, "[Relay.domain] Recipients=, /etc/conf:12");
}

TEST_F(RelayChoiceTest, SendersMayHaveASourceAddress) {
  const auto table = [](const std::string& entries) {
    return config::TableSpec{config::TableSpec::Kind::Static, entries};
  };
  settings.relay.common.source_table =
      table("me@example.org=192.0.2.1, 2001:db8::1; example.org=192.0.2.2; <>=192.0.2.3; bad.example=mx");
  auto& section = AddSection("net");
  section.recipients = {"example.net"};
  EXPECT_EQ(Choose("a@b.example").options, "Connections=3\nSourceAddress=192.0.2.1, 2001:db8::1\n");
  EXPECT_EQ(Choose("a@b.example", "you@example.org").options, "Connections=3\nSourceAddress=192.0.2.2\n");
  EXPECT_EQ(Choose("a@b.example", "").options, "Connections=3\nSourceAddress=192.0.2.3\n");
  EXPECT_EQ(Choose("a@b.example", "you@other.example").options, "Connections=3\n");
  EXPECT_EQ(Show("a@b.example", "you@bad.example"), "deferred 4.3.5");
  EXPECT_EQ(Choose("you@example.net", "").options, "Connections=3\nSourceAddress=192.0.2.3\n");
  section.source_table = table("<>=192.0.2.4");
  EXPECT_EQ(Choose("you@example.net", "").options, "Connections=3\nSourceAddress=192.0.2.4\n");
  section.source_table.reset();
  section.options = {{"SourceAddress", "192.0.2.5"}};
  EXPECT_EQ(Choose("you@example.net", "").options, "Connections=3\nSourceAddress=192.0.2.5\n");
}

TEST_F(RelayChoiceTest, SendersHaveTheirRelay) {
  AddSection("work").senders = {"me@work.example", ".corp.example"};
  AddSection("bounces").senders = {"<>"};
  const struct {
    const char* sender;
    const char* relays;
  } cases[] = {
      {"me@work.example", "smtp://work.relay.example"}, {"ME@Work.example", "smtp://work.relay.example"},
      {"you@work.example", "smtp://common.example"},    {"you@x.corp.example", "smtp://work.relay.example"},
      {"you@corp.example", "smtp://common.example"},    {"", "smtp://bounces.relay.example"},
  };
  for (const auto& [sender, relays] : cases) EXPECT_EQ(Show("x@example.net", sender), relays) << sender;
}

TEST_F(RelayChoiceTest, RecipientsBeforeTheMapBeforeSenders) {
  AddSection("sender").senders = {"example.org"};
  SetMap("example.net=map.example; special@example.net=map.example*2|other.example; .example.com=up.example");
  EXPECT_EQ(Show("you@elsewhere.example"), "smtp://sender.relay.example");
  EXPECT_EQ(Show("you@example.net"), "smtp://map.example");
  EXPECT_EQ(Show("special@example.net"), "smtp://map.example*2|smtp://other.example");
  EXPECT_EQ(Show("you@x.example.com"), "smtp://up.example");
  AddSection("recipient").recipients = {".net", "example.net"};
  EXPECT_EQ(Show("you@example.net"), "smtp://recipient.relay.example");
}

TEST_F(RelayChoiceTest, AMapThatMakesNoSenseDefers) {
  SetMap("a.example=gopher://x; b.example=good.example gopher://x");
  for (const char* recipient : {"x@a.example", "x@b.example"}) {
    const auto choice = Choose(recipient);
    ASSERT_TRUE(choice.refusal) << recipient;
    EXPECT_EQ(choice.refusal->outcome, mail::Outcome::Deferred);
    EXPECT_THAT(choice.refusal->text, HasSubstr("'gopher' is no protocol"));
  }
  settings.relay.map = {config::TableSpec::Kind::Socket, "/nonexistent"};
  EXPECT_THROW((void)Choose("x@a.example"), table::Unavailable);
}

TEST_F(RelayChoiceTest, OptionsAreInheritedAndHostsToo) {
  auto& section = AddSection("own");
  section.senders = {"example.org"};
  section.hosts = {};
  section.options = {{"Helo", "own.example"}};
  const auto choice = Choose("x@example.net");
  EXPECT_EQ(choice.relays, "smtp://common.example");
  EXPECT_EQ(choice.options, "Connections=3\nHelo=own.example\n");
}

TEST_F(RelayChoiceTest, WithoutARelayTheDomainsHostsGetIt) {
  settings.relay.common.hosts = {};
  const struct {
    const char* recipient;
    const char* relays;
  } cases[] = {
      {"you@Example.net", "mx://example.net"}, {"you@b\xc3\xbc.example", "mx://b\xc3\xbc.example"},
      {"you@[192.0.2.1]", "smtp://192.0.2.1"}, {"you@[IPv6:2001:db8::1]", "smtp://[2001:db8::1]"},
      {"you@[2001:db8::1]", "failed 5.1.2"},   {"you@[IPv6:192.0.2.1]", "failed 5.1.2"},
      {"you@[X400:abc]", "failed 5.1.2"},      {"you@192.0.2.1", "failed 5.1.2"},
  };
  for (const auto& [recipient, relays] : cases) EXPECT_EQ(Show(recipient), relays) << recipient;
  EXPECT_EQ(Choose("you@example.net").options, "Connections=3\n");
}

TEST_F(RelayChoiceTest, ABadHostHoldsTheMail) {
  settings.relay.common.hosts = {};
  settings.relay.common.bad_hosts = true;
  EXPECT_EQ(Show("you@example.net"), "deferred 4.3.5");
  EXPECT_THAT(Choose("you@example.net").refusal->text, HasSubstr("[Relay] Host=, /etc/conf:2"));
  settings.relay.common.hosts = RelaysIn("common.example");
  settings.relay.common.bad_hosts = false;
  auto& section = AddSection("bad");
  section.recipients = {"example.net"};
  section.hosts = {};
  section.bad_hosts = true;
  EXPECT_EQ(Show("you@example.net"), "deferred 4.3.5");
  EXPECT_EQ(Show("you@example.com"), "smtp://common.example");
}

TEST_F(RelayChoiceTest, ANullClientNeedsARelayForItsOwnMail) {
  settings.relay.common.hosts = {};
  settings.local.enabled = false;
  EXPECT_EQ(Show("me@example.org"), "deferred 4.4.4");
  EXPECT_EQ(Show("me@localhost"), "deferred 4.4.4");
  EXPECT_EQ(Show("you@example.net"), "mx://example.net");
}
