// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/sasl.hxx"

#include <gtest/gtest.h>

namespace {

relay::SaslClient MakeClient() {
  return relay::SaslClient(relay::Secret("tim", "tanstaaftanstaaf"));
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
  ASSERT_EQ(mechanisms.size(), 3U);
  EXPECT_EQ(mechanisms[0].name, "CRAM-MD5");
  EXPECT_FALSE(mechanisms[0].clear_text);
  EXPECT_TRUE(mechanisms[1].clear_text);
  EXPECT_TRUE(mechanisms[2].clear_text);
}

}  // namespace
