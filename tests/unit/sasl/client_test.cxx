// SPDX-License-Identifier: BSD-2-Clause
#include "sasl/client.hxx"

#include "sink/sasl_server.hxx"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>
#include <utility>

namespace {

sasl::Client MakeClient() {
  return sasl::Client(sasl::Secret("tim", "tanstaaftanstaaf"));
}

TEST(SaslClient, SaysPlainAtOnce) {
  auto client = MakeClient();
  EXPECT_EQ(client.Start("PLAIN"), "AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
}

// The example of RFC 2195.
TEST(SaslClient, AnswersTheChallengeOfCramMd5) {
  auto client = MakeClient();
  EXPECT_EQ(client.Start("CRAM-MD5"), "");
  EXPECT_EQ(client.Step("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"),
            "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
}

TEST(SaslClient, SaysUserAndPasswordForLogin) {
  auto client = MakeClient();
  EXPECT_EQ(client.Start("LOGIN"), "dGlt");
  EXPECT_EQ(client.Step("UGFzc3dvcmQ6"), "dGFuc3RhYWZ0YW5zdGFhZg==");
}

TEST(SaslClient, StartsAnewWithEachMechanism) {
  auto client = MakeClient();
  EXPECT_TRUE(client.Start("CRAM-MD5"));
  EXPECT_EQ(client.Start("PLAIN"), "AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
}

TEST(SaslClient, RefusesNonsense) {
  auto client = MakeClient();
  EXPECT_FALSE(client.Start("XFOO"));
  EXPECT_TRUE(client.Start("CRAM-MD5"));
  EXPECT_FALSE(client.Step("not base64!"));
}

TEST(SaslClient, KnowsWhatShowsThePassword) {
  const auto mechanisms = MakeClient().Mechanisms();
  ASSERT_EQ(mechanisms.size(), 5U);
  const char* const names[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"};
  for (std::size_t i = 0; i < mechanisms.size(); ++i) {
    EXPECT_EQ(mechanisms[i].name, names[i]);
    EXPECT_EQ(mechanisms[i].clear_text, i >= 3) << names[i];
  }
}

TEST(SaslClient, ShowsItsCertificateFirst) {
  sasl::Client client(sasl::Secret("tim", "tanstaaftanstaaf"), true);
  EXPECT_EQ(client.Mechanisms().front().name, "SCRAM-SHA-256") << "there is none without TLS";
  client.SetBinding({"exporter", ""});
  EXPECT_EQ(client.Mechanisms().front().name, "EXTERNAL");
  EXPECT_FALSE(client.Mechanisms().front().clear_text);
  EXPECT_EQ(client.Start("EXTERNAL"), "");
  EXPECT_TRUE(client.IsComplete());
}

TEST(SaslClient, HasNothingElseWithoutAPassword) {
  sasl::Client client(std::nullopt, true);
  EXPECT_TRUE(client.Mechanisms().empty());
  client.SetBinding({"exporter", ""});
  ASSERT_EQ(client.Mechanisms().size(), 1U);
  EXPECT_EQ(client.Mechanisms().front().name, "EXTERNAL");
}

struct ScramCase {
  std::string mechanism;
  bool tls_1_3;
  std::string server_password;
  std::string server_channel;  // what the server has for the binding; "channel" is the client's
  bool accepted;
};

std::string Encode(const std::string& octets) {
  return octets == "channel" ? "Y2hhbm5lbA==" : "b3RoZXI=";
}

TEST(SaslClient, ProvesThatItKnowsThePasswordAndHasTheServerProveIt) {
  const ScramCase cases[] = {
      {"SCRAM-SHA-256", true, "tanstaaftanstaaf", "", true},
      {"SCRAM-SHA-1", true, "tanstaaftanstaaf", "", true},
      {"SCRAM-SHA-256", true, "wrong", "", false},
      {"SCRAM-SHA-256-PLUS", true, "tanstaaftanstaaf", "channel", true},
      {"SCRAM-SHA-256-PLUS", false, "tanstaaftanstaaf", "channel", true},
      {"SCRAM-SHA-1-PLUS", true, "tanstaaftanstaaf", "channel", true},
      // Somebody sits in between.
      {"SCRAM-SHA-256-PLUS", true, "tanstaaftanstaaf", "other", false},
      {"SCRAM-SHA-256-PLUS", false, "tanstaaftanstaaf", "other", false},
      {"SCRAM-SHA-256", true, "tanstaaftanstaaf", "channel", true},
  };
  for (const auto& test : cases) {
    auto client = MakeClient();
    client.SetBinding(test.tls_1_3 ? tls::ChannelBinding{"channel", ""} : tls::ChannelBinding{"", "channel"});
    sink::ChannelBinding binding;
    if (!test.server_channel.empty())
      (test.tls_1_3 ? binding.exporter : binding.unique) = Encode(test.server_channel);
    sink::SaslServer server(test.mechanism, "tim", test.server_password, binding);
    auto response = client.Start(test.mechanism);
    while (response && server.GetState() == sink::SaslServer::State::Running) {
      EXPECT_FALSE(client.IsComplete()) << "before the server has proved itself";
      const auto challenge = server.Step(*response);
      if (server.GetState() == sink::SaslServer::State::Refused) break;
      response = client.Step(challenge);
    }
    EXPECT_EQ(server.GetState() == sink::SaslServer::State::Accepted, test.accepted)
        << test.mechanism << " " << test.server_channel;
    EXPECT_EQ(client.IsComplete(), test.accepted) << test.mechanism;
  }
}

TEST(SaslClient, FindsOutAServerThatDoesNotKnowThePassword) {
  auto client = MakeClient();
  const auto first = client.Start("SCRAM-SHA-256");
  ASSERT_TRUE(first);
  sink::SaslServer server("SCRAM-SHA-256", "tim", "tanstaaftanstaaf", {});
  ASSERT_TRUE(client.Step(server.Step(*first)));
  EXPECT_FALSE(client.Step("dj1ub25zZW5zZW5vbnNlbnNlbm9uc2Vuc2Vub25zZW5zZT0="));
  EXPECT_FALSE(client.IsComplete());
}

TEST(SaslClient, BindsOnlyWhereItCan) {
  auto client = MakeClient();
  client.SetBinding({"channel", ""});
  ASSERT_EQ(client.Mechanisms().size(), 7U);
  EXPECT_EQ(client.Mechanisms()[0].name, "SCRAM-SHA-256-PLUS");
  client.SetBinding({});
  EXPECT_EQ(client.Mechanisms()[0].name, "SCRAM-SHA-256");
}

// What a server says to the first message of SCRAM, with @p rounds behind "i=".
std::string ScramChallenge(const std::string& first, const std::string& rounds) {
  std::string decoded(first.size(), '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                      reinterpret_cast<const unsigned char*>(first.data()), static_cast<int>(first.size()));
  decoded.resize(static_cast<std::size_t>(size));
  const auto nonce = std::string(decoded.substr(decoded.find("r=") + 2).c_str());
  const auto text = "r=" + nonce + "more,s=QSXCR+Q6sek8bf92,i=" + rounds;
  std::string encoded(4 * text.size(), '\0');
  encoded.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                                          reinterpret_cast<const unsigned char*>(text.data()),
                                                          static_cast<int>(text.size()))));
  return encoded;
}

TEST(SaslClient, RefusesTooManyRounds) {
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-1"})
    for (const auto& [rounds, is_affordable] : {std::pair{"4096", true},
                                                {"600001", false},
                                                {"2000000000", false},
                                                {"99999999999999999999999", false},
                                                {" 2000000000", false},
                                                {"+2000000000", false},
                                                {"4096,i=2000000000", false},
                                                {"-1", false}}) {
      auto client = MakeClient();
      const auto first = client.Start(mechanism);
      ASSERT_TRUE(first);
      EXPECT_EQ(client.Step(ScramChallenge(*first, rounds)).has_value(), is_affordable)
          << mechanism << " " << rounds;
    }
}

}  // namespace
