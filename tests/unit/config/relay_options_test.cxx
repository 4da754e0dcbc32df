// SPDX-License-Identifier: BSD-2-Clause
#include "config/relay_options.hxx"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace std::chrono_literals;
using config::ParseRelayOptions;
using testing::ElementsAre;

namespace {

constexpr char kPin[] = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

struct Setting {
  bool taken = false;
  std::string bad{};
  config::RelayOptions options{};
};

Setting Set(std::string_view name, std::string_view value) {
  Setting setting;
  for (const auto& option : config::RelayOptionTable())
    if (option.name == name) setting.taken = option.set(setting.options, value, setting.bad);
  return setting;
}

}  // namespace

TEST(RelayOptions, EveryKeyIsRead) {
  const auto options = ParseRelayOptions(
      "SourceAddress=192.0.2.1 2001:db8::1\nHelo=mail.example\nConnections=3\nMessagesPerConnection=7\n"
      "IdleTimeout=1s\nConnectTimeout=2s\nTlsTimeout=3s\nGreetingTimeout=4s\nCommandTimeout=5s\n"
      "MailTimeout=6s\nRecipientTimeout=7s\nDataTimeout=8s\nBlockTimeout=9s\nEndTimeout=10s\n"
      "TlsPins=" +
      std::string(kPin) + "\nTlsAuthorities=/etc/ssl/own.pem\nTlsCertificate=me\nInsecureAuth=yes\n");
  ASSERT_TRUE(options);
  EXPECT_THAT(options->source_addresses, ElementsAre("192.0.2.1", "2001:db8::1"));
  EXPECT_EQ(options->helo, "mail.example");
  EXPECT_EQ(options->connections, 3U);
  EXPECT_EQ(options->messages_per_connection, 7U);
  EXPECT_EQ(options->idle_timeout, 1s);
  EXPECT_EQ(options->connect_timeout, 2s);
  EXPECT_EQ(options->tls_timeout, 3s);
  EXPECT_EQ(options->greeting_timeout, 4s);
  EXPECT_EQ(options->command_timeout, 5s);
  EXPECT_EQ(options->mail_timeout, 6s);
  EXPECT_EQ(options->recipient_timeout, 7s);
  EXPECT_EQ(options->data_timeout, 8s);
  EXPECT_EQ(options->block_timeout, 9s);
  EXPECT_EQ(options->end_timeout, 10s);
  EXPECT_THAT(options->tls_pins, ElementsAre(kPin));
  EXPECT_EQ(options->tls_authorities, "/etc/ssl/own.pem");
  EXPECT_EQ(options->tls_certificate, "me");
  EXPECT_TRUE(options->insecure_auth);
}

TEST(RelayOptions, RoundTrip) {
  const config::RelayAssignments assignments = {{"Connections", "2"}, {"Helo", "a.example"}};
  const auto options = ParseRelayOptions(config::ToText(assignments));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->connections, 2U);
  EXPECT_EQ(options->helo, "a.example");
  EXPECT_EQ(ParseRelayOptions(""), config::RelayOptions());
}

TEST(RelayOptions, RefuseWhatIsNone) {
  for (const std::string text : {"Colour=red\n", "Connections\n", "Connections=\n", "Connections=0\n", "=\n"})
    EXPECT_FALSE(ParseRelayOptions(text)) << text;
  EXPECT_FALSE(ParseRelayOptions("Helo=" + std::string(config::kMaxOptionsText, 'a')));
}

TEST(RelayOptions, BadValuesAreNotTaken) {
  const struct {
    const char* key;
    const char* value;
  } cases[] = {
      {"SourceAddress", "eth0"},
      {"SourceAddress", "[192.0.2.1]"},
      {"Helo", "a b"},
      {"Helo", "[mail.example]"},
      {"Helo", "[2001:db8::1]"},
      {"Helo", "a.example\r\nRSET"},
      {"Connections", "0"},
      {"Connections", "201"},
      {"Connections", "-1"},
      {"MessagesPerConnection", "many"},
      {"IdleTimeout", "100ms"},
      {"DataTimeout", "2h"},
      {"EndTimeout", "infinity"},
      {"TlsPins", "sha256//short="},
      {"TlsPins", "md5//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
      {"TlsAuthorities", "own.pem"},
      {"TlsAuthorities", "/etc/../home/own.pem"},
      {"TlsCertificate", "/etc/own.pem"},
      {"TlsCertificate", ".hidden"},
      {"InsecureAuth", "maybe"},
  };
  for (const auto& [key, value] : cases) {
    const auto setting = Set(key, value);
    EXPECT_FALSE(setting.taken) << key << "=" << value;
    EXPECT_NE(setting.bad, "") << key << "=" << value;
    EXPECT_EQ(setting.options, config::RelayOptions()) << key << "=" << value;
  }
}

TEST(RelayOptions, OneBadEntryLeavesTheOthers) {
  const auto setting = Set("TlsPins", "sha256//x, " + std::string(kPin));
  EXPECT_TRUE(setting.taken);
  EXPECT_EQ(setting.bad, "'sha256//x'");
  EXPECT_THAT(setting.options.tls_pins, ElementsAre(kPin));
}

TEST(RelayOptions, HeloMayBeAnAddress) {
  for (const char* helo : {"[192.0.2.1]", "[IPv6:2001:db8::1]", "localhost"})
    EXPECT_TRUE(Set("Helo", helo).taken) << helo;
}
