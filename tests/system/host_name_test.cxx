// SPDX-License-Identifier: BSD-2-Clause
// The machine gets another name while mail waits: what was its own stays its own.
#include "fixture.hxx"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

using namespace machine;
namespace fs = std::filesystem;

namespace {

constexpr char kStaticName[] = "/etc/hostname";
constexpr char kMailName[] = "/etc/mailname";

void Write(const std::string& path, const std::optional<std::string>& text) {
  if (text)
    std::ofstream(path) << *text;
  else
    fs::remove(path);
}

std::optional<std::string> Read(const std::string& path) {
  return fs::exists(path) ? std::optional(TextOf(path)) : std::nullopt;
}

struct Names {
  const char* transient;
  std::optional<std::string> fixed;
  std::optional<std::string> mail;
};

class HostNameTest : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    transient_ = Check({"hostname"});
    transient_.pop_back();
    fixed_ = Read(kStaticName);
    mail_ = Read(kMailName);
  }
  void TearDown() override {
    Set({transient_.c_str(), fixed_, mail_});
    SystemTest::TearDown();
  }

  static void Set(const Names& names) {
    Check({"hostname", names.transient});
    Write(kStaticName, names.fixed);
    Write(kMailName, names.mail);
  }

  // Mail from alice, with her address as it is by @p name, that can't be delivered and is returned after
  // the change.
  void ExpectBouncesHome(const Names& before, const Names& after, const std::string& name) {
    SCOPED_TRACE(std::string(after.transient) + " " + name);
    fs::remove(MailboxPath("alice"));
    Set(before);
    const Receiver relay;
    const std::string routes =
        "[Relay]\nHost=smtp+notls://" + relay.At() +
        "\n[Relay.away]\nRecipients=away.invalid\nHost=smtp+notls://127.0.0.1:9\n[Queue]\nRetryMin=1s\n";
    {
      const Configuration configuration(routes);
      Send("alice", {"x@away.invalid"}, MakeMessage("hold"));
      Send("alice", {"-f", "alice@" + name, "x@away.invalid"}, MakeMessage("hold"));
      ASSERT_TRUE(WaitUntil([] {
        const auto queue = ReadQueue();
        return queue.size() == 2 && queue[0].attempts > 0 && queue[1].attempts > 0;
      })) << DescribeQueue();
      Set(after);
      Check({"systemctl", "restart", "mailqueue.service"});
    }
    const Configuration configuration(routes + "Lifetime=1s\n");
    EXPECT_TRUE(FlushAll()) << DescribeQueue();
    const auto bounces = FindLetters("alice", "Undelivered mail returned to sender");
    EXPECT_EQ(bounces.size(), 2U);
    for (const auto& bounce : bounces) EXPECT_NE(bounce.Field("To").find("alice@"), std::string::npos);
    EXPECT_EQ(relay.Counter("messages"), 0U);
  }

 private:
  std::string transient_;
  std::optional<std::string> fixed_;
  std::optional<std::string> mail_;
};

TEST_F(HostNameTest, ABounceFindsItsSenderUnderAnotherName) {
  ExpectBouncesHome({"one.example", {}, {}}, {"two.example", {}, {}}, "one.example");
  ExpectBouncesHome({"one.example", "one.example\n", {}}, {"two.example", "two.example\n", {}},
                    "one.example");
  ExpectBouncesHome({"one.example", {}, "mail.example\n"}, {"two.example", {}, "mail.example\n"},
                    "one.example");
  ExpectBouncesHome({"one.example", {}, "mail.example\n"}, {"one.example", {}, "post.example\n"},
                    "mail.example");
}

TEST_F(HostNameTest, TheNetworkDoesNotChangeAStaticName) {
  Set({"dhcp-17.example", "# what hostnamectl has set\nfixed.example\n", {}});
  const auto subject = MakeSubject();
  Send("alice", {"bob@fixed.example"}, MakeMessage(subject));
  const auto letter = WaitForLetter("bob", subject);
  EXPECT_NE(letter.Field("Message-ID").find("@fixed.example>"), std::string::npos) << letter.head;
  EXPECT_EQ(letter.Field("Return-Path"), "<alice@fixed.example>");
}

TEST_F(HostNameTest, AnEmptyQueueKnowsTodaysNameOnly) {
  // The runner, which has to see each name, has not begun yet when sendmail ends.
  for (const char* name : {"one.example", "two.example"}) {
    Set({name, {}, {}});
    const auto subject = MakeSubject();
    Send("alice", {"bob"}, MakeMessage(subject));
    (void)WaitForLetter("bob", subject);
    ASSERT_TRUE(WaitForOnly({}, std::chrono::seconds(60))) << name;
  }
  Set({"three.example", {}, {}});
  const Receiver relay;
  const Configuration configuration("[Relay]\nHost=smtp+notls://" + relay.At() + "\n");
  const auto subject = MakeSubject();
  Send("alice", {"bob@one.example"}, MakeMessage(subject));
  (void)relay.WaitFor(subject);
}

}  // namespace
