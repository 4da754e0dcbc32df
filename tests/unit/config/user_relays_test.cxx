// SPDX-License-Identifier: BSD-2-Clause
#include "config/user_relays.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using config::UserRelays;

const std::string kPath = "/home/alice/.config/mailqueue/relay.conf";

const std::string kOwnPin = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

UserRelays ParseFile(const std::string& text) {
  return UserRelays::Parse(text, kPath);
}

std::string Show(const UserRelays& relays) {
  std::string text;
  for (const auto& fault : relays.faults) text += (fault.misleads ? "! " : "- ") + fault.text + "\n";
  return text;
}

TEST(UserRelays, AreChosenBySender) {
  const auto relays = ParseFile(
      "[Relay]\nHost=smtps://me@isp.example\n"
      "[Relay.work]\nHost=smtps://office@work.example\nSenders=alice@work.example .work.example\n");
  EXPECT_EQ(Show(relays), "");
  EXPECT_EQ(relays.Choose("Alice@Work.example").Title(), "[Relay.work]");
  EXPECT_EQ(relays.Choose("alice@lab.work.example").Title(), "[Relay.work]");
  EXPECT_EQ(relays.Choose("bob@work.example").Title(), "[Relay]");
  EXPECT_EQ(relays.Choose("").Title(), "[Relay]");
  EXPECT_EQ(relays.common.hosts.ToString(), "smtps://me@isp.example");
  EXPECT_EQ(relays.common.places.find("Host")->second, kPath + ":2");
}

TEST(UserRelays, SayNothingInAnEmptyFile) {
  for (const std::string text : {"", "# nothing\n", "[Relay]\n", "[Relay.work]\n", "[X-mine]\nkey=value\n"}) {
    const auto relays = ParseFile(text);
    EXPECT_EQ(Show(relays), "") << text;
    EXPECT_TRUE(relays.common.hosts.IsEmpty() && !relays.common.bad_hosts) << text;
    EXPECT_TRUE(relays.named.empty()) << text;
  }
}

struct FaultCase {
  std::string text;
  std::string fault;  // with what Show puts in front
};

TEST(UserRelays, SayWhatIsNotUnderstood) {
  const std::vector<FaultCase> cases = {
      {"Host=a.example\n", "! " + kPath + ":1: not understood"},
      {"[Relay]\npassword secret\n", "! " + kPath + ":2: not understood"},
      {"[Relya]\n", "! " + kPath + ":1: no section that this file has"},
      {"[Local]\nMailbox=~/mbox\n", "! " + kPath + ":1: no section that this file has"},
      {"[Relay.a/b]\n", "! " + kPath + ":1: no section that this file has"},
      {"[Relay]\nHots=a.example\n", "! " + kPath + ":2: no key that [Relay] has here"},
      {"[Relay]\nHost=ftp://a.example\n", "- " + kPath + ":2: Host= is not understood, expected [smtp://"},
      {"[Relay]\nHost=lmtp:/run/lmtp\n", "- " + kPath + ":2: Host=: a Unix socket is not for users"},
      {"[Relay]\nHost=a.example lmtp:/run/lmtp\n",
       "- " + kPath + ":2: Host=: a Unix socket is not for users"},
      {"[Relay.a]\nSenders=a a..b\n", "! " + kPath + ":2: Senders= is not understood"},
      {"[Relay]\nSenders=a.example\n", "! " + kPath + ":2: no key that [Relay] has here"},
      {"[Relay.a]\nHost=a.example\n", "- " + kPath + ":2: [Relay.a] has no Senders="},
      {"[Relay]\nMap=file:/etc/map\n",
       "! " + kPath + ":2: Map= is for the administrator's mailqueue.conf alone"},
      {"[Relay]\nUserRelays=yes\n", "! " + kPath + ":2: UserRelays= is for the administrator's"},
      {"[Relay.a]\nRecipients=a.example\nSenders=b.example\n",
       "! " + kPath + ":2: Recipients= is for the admin"},
      {"[Relay]\nTlsPins=sha256//short\n",
       "! " + kPath + ":2: TlsPins= is not understood, expected sha256//"},
      {"[Relay]\nTlsPins=" + kOwnPin + " sha256//short\n", "! " + kPath + ":2: TlsPins= is not understood"},
      {"[Relay]\nHelo=" + std::string(config::kMaxUserOption + 1, 'a') + "\n",
       "! " + kPath + ":2: Helo= is longer than 2048 octets"},
      {"[Relay]\nHelo=not a name\n", "- " + kPath + ":2: Helo= is not understood"},
      {"[Relay]\nSourceAddress=127.0.0.1\n", "- " + kPath + ":2: SourceAddress= is for the administrator's"},
      {"[Relay]\nEndTimeout=1h\n", "- " + kPath + ":2: EndTimeout= is for the administrator's"},
      {"[Relay]\nTlsAuthorities=/etc/shadow\n",
       "- " + kPath + ":2: TlsAuthorities= is for the administrator's"},
      {"[Relay]\nTlsCertificate=office\n", "- " + kPath + ":2: TlsCertificate= is for the administrator's"},
      {"[Relay]\nTokenCommand=/bin/sh\n", "- " + kPath + ":2: TokenCommand= is for the administrator's"},
  };
  for (const auto& [text, fault] : cases) {
    const auto shown = Show(ParseFile(text));
    EXPECT_TRUE(shown.starts_with(fault)) << text << shown;
  }
}

TEST(UserRelays, HaveNoHostsWhereNothingOfThemIsUnderstood) {
  for (const std::string text : {"ftp://a.example", "lmtp:/run/lmtp", "a.example lmtp:/run/lmtp"}) {
    const auto relays = ParseFile("[Relay]\nHost=" + text + "\n");
    EXPECT_TRUE(relays.common.bad_hosts && relays.common.hosts.IsEmpty()) << text;
  }
  const auto relays = ParseFile("[Relay]\nHost=ftp://a.example\nHost=b.example\n");
  EXPECT_EQ(relays.common.hosts.ToString(), "smtp://b.example");
  EXPECT_FALSE(relays.common.bad_hosts);
}

TEST(UserRelays, HaveNoOptionsThatUsersMayNotHave) {
  const auto relays = ParseFile(
      "[Relay]\nHost=a.example\nHelo=me.example\nInsecureAuth=yes\nConnections=2\nMessagesPerConnection=3\n"
      "TokenCommand=/bin/true\nSourceAddress=192.0.2.1\n");
  std::vector<std::string> names;
  for (const auto& [name, value] : relays.common.options) names.push_back(name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"Connections", "Helo", "InsecureAuth", "MessagesPerConnection"}));
}

TEST(UserRelays, HaveNoOptionThatIsUnderstoodInPart) {
  std::string pins = "TlsPins=" + kOwnPin;
  for (int i = 1; i < 20; ++i) pins += " " + kOwnPin;
  EXPECT_EQ(ParseFile("[Relay]\n" + pins + "\n").common.options.size(), 1U) << "as many as there may be";
  for (const auto& text : {"TlsPins=" + kOwnPin + " sha256//short", pins + " " + kOwnPin,
                           std::string("Helo=-"), "Helo=" + std::string(config::kMaxUserOption + 1, 'a')}) {
    const auto options = ParseFile("[Relay]\n" + text + "\n").common.options;
    EXPECT_TRUE(options.empty()) << text;
  }
}

TEST(UserRelays, AreMisledByWhatConcernsThem) {
  struct Case {
    std::string text;
    bool named;  // misleads [Relay.a]
  };
  const std::vector<Case> cases = {
      {"[Relay]\nTlsPin=x\n", true},
      {"[Relay.a]\nTlsPin=x\n", true},
      {"[Relay.a]\nTlsPins=x\n", true},
      {"[Relay.a]\nnothing\n", true},
      {"[Relya]\n", true},
      {"[Relay.b]\nTlsPin=x\n", false},
      {"[Relay.b]\nSenders=a..b\n", false},
  };
  for (const auto& [text, named] : cases) {
    const auto relays = ParseFile("[Relay.a]\nSenders=a.example\nHost=a.example\n" + text);
    EXPECT_EQ(relays.FindMisleading(relays.Choose("me@a.example")) != nullptr, named) << text;
    EXPECT_TRUE(relays.FindMisleading(relays.common)) << text;
  }
  std::string many = "[Relay.b]\n";
  for (int i = 0; i < 100; ++i) many += "Hots=-\n";
  const auto relays = ParseFile(many + "[Relay.a]\nSenders=a.example\nTlsPin=x\n");
  EXPECT_TRUE(relays.FindMisleading(relays.Choose("me@a.example"))) << "the last of many";
  const auto harmless = ParseFile("[Relay]\nHost=a.example\nHelo=-\nEndTimeout=1h\n");
  EXPECT_FALSE(harmless.FindMisleading(harmless.common));
}

// Passwords end up in the wrong place, and faults in the journal.
TEST(UserRelays, QuoteNoValue) {
  for (const std::string text :
       {"password hunter2\n", "[Relay]\npassword hunter2\n", "[Relay]\nHost=smtps://me:hunter2@isp.example\n",
        "[Relay]\nPassword=hunter2\n", "[Relay]\nhunter2=\n", "[hunter2]\n",
        "[Relay.a]\nSenders=me:hunter2\n", "[Relay]\nHelo=hunter2:\n"}) {
    const auto shown = Show(ParseFile(text));
    EXPECT_NE(shown, "") << text;
    EXPECT_EQ(shown.find("hunter2"), shown.npos) << shown;
  }
}

TEST(UserRelays, HaveLimits) {
  std::string sections;
  for (int i = 0; i < 60; ++i)
    sections += "[Relay.n" + std::to_string(i) + "]\nSenders=s" + std::to_string(i) + ".example\n";
  const auto relays = ParseFile(sections);
  EXPECT_EQ(relays.named.size(), UserRelays::kMaxSections);
  ASSERT_FALSE(relays.faults.empty());
  EXPECT_TRUE(relays.faults.front().misleads);
  std::string many = "[Relay]\n";
  for (int i = 0; i < 100; ++i) many += "Helo=-\n";
  const auto faults = ParseFile(many + "Hots=a.example\nHots=b.example\n").faults;
  EXPECT_EQ(faults.size(), UserRelays::kMaxFaults + 1);
  EXPECT_TRUE(faults.back().misleads);
}

TEST(OptionsForUser, AreTheMachinesOwnAndWhatUsersMaySet) {
  const config::RelayAssignments common = {{"Connections", "3"},     {"EndTimeout", "20s"},
                                           {"Helo", "host.example"}, {"InsecureAuth", "yes"},
                                           {"SourceAddress", "::1"}, {"TokenCommand", "/bin/true"},
                                           {"TlsCertificate", "c"},  {"TlsAuthorities", "/a"}};
  EXPECT_EQ(config::OptionsForUser(common, ""),
            "Connections=3\nEndTimeout=20s\nHelo=host.example\nSourceAddress=::1\n");
  EXPECT_EQ(config::OptionsForUser(common,
                                   "Helo=me.example\nInsecureAuth=yes\nTokenCommand=/bin/sh\nEndTimeout=1h\n"
                                   "SourceAddress=192.0.2.1\nTlsCertificate=office\nTlsAuthorities=/b\n"),
            "Connections=3\nEndTimeout=20s\nHelo=me.example\nInsecureAuth=yes\nSourceAddress=::1\n");
  for (const auto& text :
       {std::string("Hots=a"), std::string("Helo="), std::string("Helo"), std::string("=x"),
        std::string("Helo=-"), std::string("InsecureAuth=perhaps"), "TlsPins=" + kOwnPin + " sha256//short",
        "Helo=" + std::string(config::kMaxUserOption + 1, 'a')})
    EXPECT_FALSE(config::OptionsForUser(common, text)) << text;
}

}  // namespace
