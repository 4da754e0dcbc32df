// SPDX-License-Identifier: BSD-2-Clause
#include "config/relay_url.hxx"

#include <gtest/gtest.h>

#include <random>
#include <string>

using namespace std::string_literals;
using config::Protocol;
using config::RelayUrl;
using config::Tls;

namespace {

struct Good {
  std::string text;
  Protocol protocol;
  Tls tls;
  std::string label;
  std::string host;
  unsigned port;
  std::string canonical;
};

const Good kGood[] = {
    {"mail.example.org", Protocol::Smtp, Tls::Opportunistic, "", "mail.example.org", 25,
     "smtp://mail.example.org"},
    {"mail.example.org:2525", Protocol::Smtp, Tls::Opportunistic, "", "mail.example.org", 2525,
     "smtp://mail.example.org:2525"},
    {"localhost", Protocol::Smtp, Tls::Opportunistic, "", "localhost", 25, "smtp://localhost"},
    {"192.0.2.1", Protocol::Smtp, Tls::Opportunistic, "", "192.0.2.1", 25, "smtp://192.0.2.1"},
    {"[2001:db8::1]:25", Protocol::Smtp, Tls::Opportunistic, "", "2001:db8::1", 25, "smtp://[2001:db8::1]"},
    {"[::1]", Protocol::Smtp, Tls::Opportunistic, "", "::1", 25, "smtp://[::1]"},
    {"smtp://host", Protocol::Smtp, Tls::Opportunistic, "", "host", 25, "smtp://host"},
    {"SMTP://Host", Protocol::Smtp, Tls::Opportunistic, "", "Host", 25, "smtp://Host"},
    {"smtp://office@host:587", Protocol::Smtp, Tls::Required, "office", "host", 587,
     "smtp+tls://office@host:587"},
    {"office@host", Protocol::Smtp, Tls::Required, "office", "host", 25, "smtp+tls://office@host"},
    {"smtp+tls://host", Protocol::Smtp, Tls::Required, "", "host", 25, "smtp+tls://host"},
    {"tls://host", Protocol::Smtp, Tls::Required, "", "host", 25, "smtp+tls://host"},
    {"tls+auth://a.b@host:587", Protocol::Smtp, Tls::Required, "a.b", "host", 587, "smtp+tls://a.b@host:587"},
    {"smtps://host", Protocol::Smtp, Tls::Implicit, "", "host", 465, "smtps://host"},
    {"smtps://l-1_x@[2001:db8::1]:4650", Protocol::Smtp, Tls::Implicit, "l-1_x", "2001:db8::1", 4650,
     "smtps://l-1_x@[2001:db8::1]:4650"},
    {"smtps+auth://me@host", Protocol::Smtp, Tls::Implicit, "me", "host", 465, "smtps://me@host"},
    {"smtp+notls://host", Protocol::Smtp, Tls::Never, "", "host", 25, "smtp+notls://host"},
    {"smtp+notls://me@127.0.0.1:2525", Protocol::Smtp, Tls::Never, "me", "127.0.0.1", 2525,
     "smtp+notls://me@127.0.0.1:2525"},
    {"lmtp://host", Protocol::Lmtp, Tls::Never, "", "host", 24, "lmtp://host"},
    {"lmtp://host:2424", Protocol::Lmtp, Tls::Never, "", "host", 2424, "lmtp://host:2424"},
    {"lmtp:/run/dovecot/lmtp", Protocol::Lmtp, Tls::Never, "", "/run/dovecot/lmtp", 0,
     "lmtp:/run/dovecot/lmtp"},
    {"lmtp:///run/dovecot/lmtp", Protocol::Lmtp, Tls::Never, "", "/run/dovecot/lmtp", 0,
     "lmtp:/run/dovecot/lmtp"},
    {"mx://example.org", Protocol::Smtp, Tls::Opportunistic, "", "example.org", 25, "mx://example.org"},
    {"mx://b\xc3\xbc.example", Protocol::Smtp, Tls::Opportunistic, "", "b\xc3\xbc.example", 25,
     "mx://b\xc3\xbc.example"},
    {"mx://example.org:2525", Protocol::Smtp, Tls::Opportunistic, "", "example.org", 2525,
     "mx://example.org:2525"},
    {"lmtp:/run/with space@and:colon", Protocol::Lmtp, Tls::Never, "", "/run/with space@and:colon", 0,
     "lmtp:/run/with space@and:colon"},
};

struct Bad {
  std::string text;
  std::string error;  // a part of it
};

const Bad kBad[] = {
    {"", "missing"},
    {" host", "can't be the name"},
    {"host ", "can't be the name"},
    {"host\n", "can't be the name"},
    {"host\0"s, "NUL"},
    {"\0"s, "NUL"},
    {"smtp://", "missing"},
    {"smtp:///path", "missing"},
    {"smtp:/host", "missing"},
    {"http://host", "no protocol"},
    {"smtp+auth://me@host", "no protocol"},
    {"://host", "no protocol"},
    {"mx://me@example.org", "no LABEL@"},
    {"mx://192.0.2.1", "can't be the name of a domain"},
    {"mx://[::1]", "can't be the name of a domain"},
    {"lmtp:/", "Unix socket"},
    {"lmtp:/" + std::string(200, 'x'), "Unix socket"},
    {"lmtp:/run/x\ny", "Unix socket"},
    {"lmtp:", "no port"},
    {"smtp://a@", "missing"},
    {"smtp://@host", "label"},
    {"smtp://../secret@host", "label"},
    {"smtp://a/b@host", "label"},
    {"smtp://.hidden@host", "label"},
    {"smtp://a b@host", "label"},
    {"smtp://" + std::string(101, 'l') + "@host", "label"},
    {"smtp://a@b@host", "can't be the name"},
    {"tls+auth://host", "LABEL@"},
    {"smtps+auth://host", "LABEL@"},
    {"2001:db8::1", "brackets"},
    {"[2001:db8::1", "brackets"},
    {"[192.0.2.1]", "brackets"},
    {"[]", "brackets"},
    {"[2001:db8::1]25", "no port"},
    {"host:", "no port"},
    {"host:0", "no port"},
    {"host:-1", "no port"},
    {"host:65536", "no port"},
    {"host:25x", "no port"},
    {"host:25:26", "no port"},
    {"host/path", "can't be the name"},
    {"-host", "can't be the name"},
    {"a..b", "can't be the name"},
    {"999.1.1.1", "can't be the name"},
    {"h\xc3\xb6st", "can't be the name"},
    {std::string(100000, 'a'), "can't be the name"},
    {std::string(100000, ':'), "missing"},
    {std::string(100000, '['), "brackets"},
};

}  // namespace

TEST(RelayUrl, ParsesEverySpelling) {
  for (const Good& c : kGood) {
    RelayUrl::Error error;
    const auto url = RelayUrl::Parse(c.text, &error);
    ASSERT_TRUE(url) << c.text << ": " << error.text;
    EXPECT_EQ(url->protocol, c.protocol) << c.text;
    EXPECT_EQ(url->tls, c.tls) << c.text;
    EXPECT_EQ(url->label, c.label) << c.text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->IsUnixSocket(), c.port == 0) << c.text;
    EXPECT_EQ(url->ToString(), c.canonical) << c.text;
  }
}

TEST(RelayUrl, ParsesWhatItWrites) {
  for (const Good& c : kGood) {
    const auto url = RelayUrl::Parse(c.canonical);
    ASSERT_TRUE(url) << c.canonical;
    EXPECT_EQ(url->ToString(), c.canonical);
  }
}

TEST(RelayUrl, RefusesAndSaysWhy) {
  for (const Bad& c : kBad) {
    RelayUrl::Error error;
    EXPECT_FALSE(RelayUrl::Parse(c.text, &error)) << c.text;
    EXPECT_NE(error.text.find(c.error), error.text.npos) << c.text.substr(0, 80) << ": " << error.text;
    EXPECT_LT(error.text.size(), 2000U);
    EXPECT_FALSE(RelayUrl::Parse(c.text));
  }
}

TEST(RelayUrl, SurvivesRandomText) {
  static constexpr char kAlphabet[] = "smtpl+:/@[].0129a-_\0\n\xff";
  std::minstd_rand random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string text(i % 2 ? "" : "smtp://");
    for (auto n = random() % 20; n > 0; --n) text += kAlphabet[random() % (sizeof kAlphabet - 1)];
    const auto url = RelayUrl::Parse(text);
    if (!url) continue;
    const auto again = RelayUrl::Parse(url->ToString());
    ASSERT_TRUE(again) << text;
    EXPECT_EQ(again->ToString(), url->ToString()) << text;
  }
}
