// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/plugin.hxx"

#include "mailbox_fixture.hxx"

#include <sys/stat.h>

namespace {

using deliver::Plugin;
using mail::Outcome;

struct PluginTest : MailboxTest {
  std::string path = directory / "sample.so";

  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "takes root, who alone may provide plugins";
    std::filesystem::copy_file(SAMPLE_PLUGIN, path);
    std::filesystem::permissions(path, std::filesystem::perms(0755));
  }
  [[nodiscard]] mail::DeliveryResult Call(bool again = false) {
    return Plugin(path, user).Deliver(Letter(again));
  }
};

TEST_F(PluginTest, GetsTheMessageWithItsHeadAndAllThatIsKnown) {
  envelope.sender = "0@example.org";
  const auto size = local::MakeHead(Letter(), user).size() + envelope.message_size;
  const auto result = Call(true);
  EXPECT_EQ(result.outcome, Outcome::Delivered);
  EXPECT_NE(result.text.find("version 1, alice@here.example alice@here.example alice " + user.home +
                             "  here.example, " + envelope.id.ToString() + ", " + std::to_string(size) +
                             " octets again: body"),
            std::string::npos)
      << result.text;
}

TEST_F(PluginTest, IsLoadedOnce) {
  EXPECT_NE(Call().text.find("call 1,"), std::string::npos);
  EXPECT_NE(Call().text.find("call 2,"), std::string::npos);
}

TEST_F(PluginTest, HasItsStatusRead) {
  envelope.sender = "75";
  EXPECT_EQ(Call().outcome, Outcome::Deferred);
  envelope.sender = "67";
  EXPECT_EQ(Call().outcome, Outcome::Failed);
  EXPECT_EQ(Call().status, "5.1.1");
}

TEST_F(PluginTest, IsNotLoadedWhereSomebodyElseHasAHandInIt) {
  const auto expect_refused = [this](const char* words) {
    const auto result = Call();
    EXPECT_EQ(result.outcome, Outcome::Deferred);
    EXPECT_EQ(result.status, "4.3.5");
    EXPECT_NE(result.text.find(words), std::string::npos) << result.text;
    EXPECT_EQ(Plugin(path, user).Explain().outcome, Outcome::Deferred);
  };
  ASSERT_EQ(::chmod(path.c_str(), 0757), 0);
  expect_refused("chmod o-w");
  ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  ASSERT_EQ(::chown(path.c_str(), 1000, 0), 0);
  expect_refused("belongs to uid 1000");
  ASSERT_EQ(::chown(path.c_str(), 0, 0), 0);
  ASSERT_EQ(::chmod(directory.Path().c_str(), 0777), 0);
  expect_refused("Directory");
  ASSERT_EQ(::chmod(directory.Path().c_str(), 0755), 0);
  EXPECT_EQ(Plugin(path, user).Explain().text, "would deliver by plugin '" + path + "'");
}

TEST_F(PluginTest, DefersWithoutAPluginThatIsOne) {
  for (const auto* wrong : {"/none.so", "", "relative.so", "/dev/zero", "/etc/passwd"})
    EXPECT_EQ(Plugin(wrong, user).Deliver(Letter()).status, "4.3.5") << wrong;
}

}  // namespace
