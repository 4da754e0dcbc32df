// SPDX-License-Identifier: BSD-2-Clause
#include "sasl/token_client.hxx"

#include <gtest/gtest.h>

namespace {

TEST(TokenClient, SaysAllAtOnce) {
  // The second one is the example of RFC 7628 section 4.1.
  sasl::TokenClient::Login login{"user@example.com",
                                 "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", "server.example.com", 143};
  sasl::TokenClient client(login);
  EXPECT_EQ(
      client.Start("XOAUTH2"),
      "dXNlcj11c2VyQGV4YW1wbGUuY29tAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9"
      "PQEB");
  EXPECT_EQ(
      client.Start("OAUTHBEARER"),
      "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRx"
      "bVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB");
}

TEST(TokenClient, AnswersWhatTheServerHasAgainstTheToken) {
  sasl::TokenClient client({"alice", "t", "h", 25});
  EXPECT_FALSE(client.IsComplete());
  EXPECT_TRUE(client.Start("OAUTHBEARER"));
  EXPECT_TRUE(client.IsComplete());
  EXPECT_EQ(client.Step("eyJzdGF0dXMiOiI0MDEifQ=="), "AQ==");
  EXPECT_FALSE(client.IsComplete());
  EXPECT_FALSE(client.Step("")) << "there is but one challenge";
  EXPECT_TRUE(client.Start("XOAUTH2"));
  EXPECT_EQ(client.Step("eyJzdGF0dXMiOiI0MDEifQ=="), "");
}

TEST(TokenClient, ShowsItsTokenOnlyUnderTls) {
  sasl::TokenClient client({"alice", "t", "h", 25});
  for (const auto& mechanism : client.Mechanisms()) EXPECT_TRUE(mechanism.clear_text) << mechanism.name;
  EXPECT_FALSE(client.Start("PLAIN"));
}

TEST(TokenClient, EscapesTheUserForItsHeader) {
  sasl::TokenClient client({"a,b=c", "t", "h", 25});
  // n,a=a=2Cb=3Dc,
  EXPECT_TRUE(client.Start("OAUTHBEARER")->starts_with("bixhPWE9MkNiPTNEYyw"));
}

}  // namespace
