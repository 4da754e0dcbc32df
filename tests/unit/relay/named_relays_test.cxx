// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/named_relays.hxx"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;

constexpr const char* kConfiguration =
    "[Relay]\nHost=smtps://office@mail.example.org lmtp:/run/common\nTlsPins=sha256//"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    "LabelHosts=smtp+tls://table@mail.example.org:587 lmtp:/run/table\n"
    "Map=static:a.example=smtps://mapped@a.example; b.example=nonsense://x@b.example smtps://bad@b.example\n"
    "[Relay.work]\nSenders=@work.example\nHost=smtp+notls://work@work.example\nInsecureAuth=yes\n"
    "TokenCommand=/usr/bin/token work\n"
    "[Relay.weak]\nSenders=@weak.example\nInsecureAuth=yes\nTlsPins=\n"
    "[Relay.sources]\nSenders=@sources.example\nHost=smtps://sources@mail.example.org\nTlsPins=sha256//"
    "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nSourceAddress=static:a=192.0.2.1\n"
    "[Local]\nMailbox=lmtp:/run/mailbox\n";
constexpr const char* kPin = "TlsPins=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

class NamedRelays : public testing::Test {
 protected:
  NamedRelays() {
    fs::create_directories(directory_);
    Write(kConfiguration);
  }
  ~NamedRelays() override { fs::remove_all(directory_); }

  void Write(const std::string& text) const { std::ofstream(directory_ / "mailqueue.conf") << text; }
  bool MayUse(const std::string& url, const std::string& options) {
    const auto fault = named_.FindFault(url, config::ParseRelayOptions(options).value());
    if (fault) EXPECT_EQ(fault->outcome, mail::Outcome::Deferred);
    return !fault;
  }

  const fs::path directory_ = fs::path(testing::TempDir()) / ("named-" + std::to_string(::getpid()));
  relay::NamedRelays named_{directory_};
};

TEST_F(NamedRelays, AreThoseOfTheConfigurationWithTheirOptions) {
  const std::string work = kPin + std::string("InsecureAuth=yes\nTokenCommand=/usr/bin/token work\n");
  struct Case {
    const char* url;
    std::string options;
    bool may_use;
  };
  const Case cases[] = {
      {"smtps://office@mail.example.org", kPin, true},
      {"smtps://office@MAIL.example.org", kPin, true},
      {"smtps://office@mail.example.org", "", false},
      {"smtps://office@mail.example.org", "InsecureAuth=yes\n", false},
      {"smtps://office@mail.example.org", work, false},
      {"smtps://office@mail.example.org:2525", kPin, false},
      {"smtps://office@192.0.2.1", kPin, false},
      {"smtps://office@[::1]", kPin, false},
      {"smtp+tls://office@mail.example.org:465", kPin, false},
      {"smtp+notls://office@mail.example.org:465", kPin, false},
      {"lmtp://office@mail.example.org:465", kPin, false},
      {"smtps://work@mail.example.org", kPin, false},
      {"smtps://office@mail.example.org.evil.example", kPin, false},
      {"smtp+notls://work@work.example", work, true},
      {"smtp+notls://work@work.example", kPin, false},
      {"smtps://office@mail.example.org", "InsecureAuth=yes\n" + std::string(kPin), true},  // [Relay.weak]
      {"smtps://mapped@a.example", "InsecureAuth=yes\n" + std::string(kPin), false},
      {"smtps://mapped@a.example", kPin, true},
      {"smtps://mapped@a.example", "", false},
      {"smtps://bad@b.example", kPin, false},
      {"smtp+tls://table@mail.example.org:587", kPin, true},
      {"smtp://table@mail.example.org:587", kPin, true},  // the same
      {"smtp+tls://table@mail.example.org:25", kPin, false},
      {"smtps://sources@mail.example.org",
       "TlsPins=sha256//BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nSourceAddress=192.0.2.7\n", true},
      {"smtps://office@mail.example.org", kPin + std::string("SourceAddress=192.0.2.7\n"), false},
      {"lmtp:/run/common", kPin, true},
      {"lmtp:/run/table", kPin, true},
      {"lmtp:/run/mailbox", "", true},
      {"lmtp:/run/dbus/system_bus_socket", kPin, false},
      {"lmtp:/run/dbus/system_bus_socket", "", false},
      {"smtp://anywhere.example", "InsecureAuth=yes\n", true},
      {"mx://anywhere.example", "", true},
      {"smtp://anywhere.example", "TokenCommand=/usr/bin/token work\n", false},
      {"smtp://anywhere.example", "TlsCertificate=office\n", false},
  };
  for (const auto& test : cases)
    EXPECT_EQ(MayUse(test.url, test.options), test.may_use) << test.url << " " << test.options;
}

// What a broken-into runner says of a host is nothing that a certificate is shown for.
TEST_F(NamedRelays, AloneSeeACertificate) {
  const std::string office = "TlsCertificate=office\n";
  Write(
      "[Relay]\nHost=mail.example.org\nTlsCertificate=office\nLabelHosts=smtp://listed.example\n"
      "Map=static:a.example=smtps://mapped.example\n"
      "[Relay.branch]\nSenders=@branch.example\nTlsCertificate=branch\nHost=smtps://branch.example\n");
  struct Case {
    const char* url;
    std::string options;
    bool may_use;
  };
  const Case cases[] = {
      {"smtp://mail.example.org", office, true},
      {"smtp://MAIL.example.org:25", office, true},
      {"smtp://listed.example", office, true},
      {"smtps://mapped.example", office, true},
      {"smtps://branch.example", "TlsCertificate=branch\n", true},
      {"smtp://anywhere.example", office, false},
      {"smtps://mail.example.org", office, false},
      {"smtp://mail.example.org:2525", office, false},
      {"smtp://192.0.2.1", office, false},
      {"smtps://branch.example", office, false},
      {"smtp://mail.example.org", "TlsCertificate=branch\n", false},
      {"mx://anywhere.example", office, true},  // as where there is no Host=
      {"mx://anywhere.example", "TlsCertificate=other\n", false},
      {"smtp://anywhere.example", "", true},
  };
  for (const auto& test : cases)
    EXPECT_EQ(MayUse(test.url, test.options), test.may_use) << test.url << " " << test.options;
}

TEST_F(NamedRelays, FollowTheFiles) {
  EXPECT_FALSE(MayUse("smtps://new@mail.example.org", ""));
  Write("[Relay]\nHost=smtps://new@mail.example.org\n");
  EXPECT_TRUE(MayUse("smtps://new@mail.example.org", ""));
  EXPECT_FALSE(MayUse("smtps://office@mail.example.org", kPin));
}

TEST_F(NamedRelays, AreInATextOfMap) {
  const auto map = directory_ / "relays";
  Write("[Relay]\nMap=" + map.string() + "\n");
  EXPECT_FALSE(MayUse("smtps://office@mail.example.org", "")) << "there is no such file yet";
  std::ofstream(map) << "example.net: smtps://office@mail.example.org|smtps://office@b.example\n";
  EXPECT_TRUE(MayUse("smtps://office@mail.example.org", ""));
  EXPECT_TRUE(MayUse("smtps://office@b.example", ""));
  EXPECT_FALSE(MayUse("smtps://office@c.example", ""));
  std::ofstream(map)
      << "example.net: smtps://office@c.example, a longer text\nexample.org: smtps://office@c.example\n";
  EXPECT_TRUE(MayUse("smtps://office@c.example", ""));
  EXPECT_FALSE(MayUse("smtps://office@b.example", ""));
  fs::remove(map);
  EXPECT_FALSE(MayUse("smtps://office@c.example", ""));
}

}  // namespace
