// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/secret.hxx"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace {

TEST(ParseSecret, TakesUserAndPassword) {
  struct Case {
    std::string text, user, password;
  };
  for (const auto& [text, user, password] :
       {Case{"user:secret", "user", "secret"}, Case{"user:secret\n", "user", "secret"},
        Case{"user:secret\r\n\n", "user", "secret"}, Case{"u@x:a:b c", "u@x", "a:b c"},
        Case{"user:", "user", ""}, Case{"user: x ", "user", " x "}}) {
    const auto secret = relay::ParseSecret(text);
    ASSERT_TRUE(secret) << text;
    EXPECT_EQ(secret->user, user) << text;
    EXPECT_EQ(secret->password, password) << text;
  }
}

TEST(ParseSecret, RefusesAnythingElse) {
  for (const std::string text : {"", "\n", "user", ":secret", "user:one\ntwo", "a\nb:c"})
    EXPECT_FALSE(relay::ParseSecret(text)) << text;
  EXPECT_FALSE(relay::ParseSecret(std::string("user:a\0b", 8)));
}

// Texts this short are copied by a move.
TEST(Secret, LeavesNothingWhereItWasMovedFrom) {
  relay::Secret from("me", "secret");
  const relay::Secret to(std::move(from));
  EXPECT_EQ(to.user + ":" + to.password, "me:secret");
  for (const auto* left : {&from.user, &from.password})
    EXPECT_TRUE(std::all_of(left->data(), left->data() + left->capacity(), [](char c) { return c == 0; }));
}

class FindSecretTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(directory_);
    ::setenv("CREDENTIALS_DIRECTORY", directory_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    std::filesystem::remove_all(directory_);
  }
  void Write(const std::string& name, const std::string& text) { std::ofstream(directory_ / name) << text; }

  const std::filesystem::path directory_ =
      std::filesystem::path(testing::TempDir()) / ("secret-" + std::to_string(::getpid()));
};

TEST_F(FindSecretTest, ReadsTheCredentialOfTheLabel) {
  Write("relay_work", "alice:secret\n");
  std::string why;
  const auto secret = relay::FindSecret("work", why);
  ASSERT_TRUE(secret) << why;
  EXPECT_EQ(secret->user, "alice");
}

TEST_F(FindSecretTest, ReadsOneThatWasEncrypted) {
  Write("relay-sealed_work", "alice:sealed\n");
  std::string why;
  EXPECT_EQ(relay::FindSecret("work", why)->password, "sealed");
  EXPECT_EQ(relay::FindSecretFile("work"), directory_ / "relay-sealed_work");
  Write("relay_work", "alice:plain\n");
  EXPECT_EQ(relay::FindSecret("work", why)->password, "plain");
  EXPECT_EQ(relay::FindSecretFile("nobody"), "");
}

TEST_F(FindSecretTest, NamesTheFileToWrite) {
  std::string why;
  EXPECT_FALSE(relay::FindSecret("work", why));
  EXPECT_NE(why.find(relay::SecretPath("work")), why.npos) << why;
}

TEST_F(FindSecretTest, NeverQuotesWhatItCanNotUse) {
  Write("relay_work", "hunter2");
  std::string why;
  EXPECT_FALSE(relay::FindSecret("work", why));
  EXPECT_NE(why.find(relay::SecretPath("work")), why.npos) << why;
  EXPECT_EQ(why.find("hunter2"), why.npos) << why;
}

}  // namespace
