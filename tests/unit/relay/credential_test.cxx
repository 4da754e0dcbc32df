// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/credential.hxx"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

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
