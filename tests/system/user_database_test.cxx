// SPDX-License-Identifier: BSD-2-Clause
// The user database is away, empty, half there or in somebody's hands: mail waits for it, and none comes
// back.
#include "base/error.hxx"
#include "fixture.hxx"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

using namespace machine;
namespace fs = std::filesystem;

namespace {

constexpr char kUsers[] = "/etc/passwd";
constexpr char kServices[] = "/etc/nsswitch.conf";
constexpr char kUnknown[] = "nobody-of-that-name";
constexpr std::size_t kMessages = 3;  // to each recipient

/// A file that is put back, as a whole and at once.
class Kept {
 public:
  explicit Kept(std::string path) : path_(std::move(path)) { fs::copy_file(path_, path_ + ".kept"); }
  ~Kept() { PutBack(); }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  void PutBack() {
    std::error_code none;
    if (!fs::exists(path_ + ".kept")) return;
    if (!fs::is_regular_file(path_, none)) fs::remove(path_, none);
    fs::rename(path_ + ".kept", path_);
  }

 private:
  std::string path_;
};

// As an editor does it that minds readers.
void Replace(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  fs::rename(path + ".new", path);
}

void AskServices(const std::string& passwd) {
  Replace(kServices, "passwd: " + passwd + "\ngroup: files\nhosts: files dns\n");
}

bool IsWaiting(const mail::Envelope& envelope) {
  return envelope.attempts > 0 && std::ranges::all_of(envelope.recipients, [](const auto& recipient) {
           return recipient.result && recipient.result->outcome == mail::Outcome::Deferred;
         });
}

std::size_t CountLines(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class UserDatabaseTest : public SystemTest {
 protected:
  // A message that waits for a relay keeps the runner there: systemd itself could not start it without the
  // user database.
  void SetUp() override {
    SystemTest::SetUp();
    quiet_.emplace(
        "[Queue]\nRetryMin=1h\n[Relay.away]\nRecipients=away.invalid\nHost=smtp+notls://127.0.0.1:9\n");
    Send("root", {"x@away.invalid"}, MakeMessage("hold"));
    ASSERT_TRUE(WaitUntil(IsTried)) << DescribeQueue();
  }
  void TearDown() override {
    quiet_.reset();
    SystemTest::TearDown();
  }

  // Messages to alice, bob, root and nobody, while the database is as @p damage leaves it. They wait until it
  // has been put back.
  void ExpectNoneComesBack(const std::string& name, const std::function<void()>& damage) {
    SCOPED_TRACE(name);
    const auto subject = MakeSubject();
    {
      Kept users(kUsers);
      Kept services(kServices);
      damage();
      Submit(subject);
      ASSERT_TRUE(WaitUntil([&] { return AllWait(subject); })) << name;
    }
    Check({"mailqueuectl", "flush"});
    ExpectMailAndBounces(subject);
  }

  static void Submit(const std::string& subject) {
    for (std::size_t i = 0; i < kMessages; ++i)
      for (const auto* to : {"alice", "bob", "root", kUnknown})
        Send("root", {"-f", "carol", to}, "From: carol\n" + MakeMessage(subject));
  }

  // Root may be known where others are not.
  static bool AllWait(const std::string& subject) {
    const auto queue = ReadQueue();
    const auto delivered = FindLetters("root", subject).size();
    return queue.size() + delivered == 4 * kMessages + 1 && std::ranges::all_of(queue, IsWaiting);
  }

  static void ExpectMailAndBounces(const std::string& subject) {
    const auto all_there = [&] {
      for (const auto* user : {"alice", "bob", "root"})
        if (FindLetters(user, subject).size() != kMessages) return false;
      return true;
    };
    EXPECT_TRUE(WaitUntil(all_there)) << DescribeQueue();
    const auto bounces = [&] {
      return CountLines(MailboxText("carol"), "Final-Recipient: rfc822; " + std::string(kUnknown));
    };
    EXPECT_TRUE(WaitUntil([&] { return bounces() >= kMessages; })) << DescribeQueue();
    EXPECT_EQ(bounces(), kMessages) << "others came back, too";
    EXPECT_TRUE(WaitUntil([] { return ReadQueue().size() == 1; })) << DescribeQueue();
    fs::remove(MailboxPath("carol"));
  }

 private:
  std::optional<Configuration> quiet_;
};

TEST_F(UserDatabaseTest, AFileThatCannotBeReadReturnsNothing) {
  for (const auto* services : {"files", "files systemd"}) {
    const auto name = std::string(services) + ", ";
    const auto damaged = [&](const std::function<void()>& damage) {
      return [=] {
        AskServices(services);
        damage();
      };
    };
    ExpectNoneComesBack(name + "missing", damaged([] { fs::remove(kUsers); }));
    ExpectNoneComesBack(name + "empty", damaged([] { Replace(kUsers, ""); }));
    ExpectNoneComesBack(name + "half",
                        damaged([] { Replace(kUsers, "root:x:0:0:root:/root:/bin/bash\nda"); }));
    ExpectNoneComesBack(name + "mode 0000", damaged([] { fs::permissions(kUsers, fs::perms::none); }));
    ExpectNoneComesBack(name + "a directory", damaged([] {
                          fs::remove(kUsers);
                          fs::create_directory(kUsers);
                        }));
    ExpectNoneComesBack(name + "a FIFO", damaged([] {
                          fs::remove(kUsers);
                          ::mkfifo(kUsers, 0644);
                        }));
  }
}

TEST_F(UserDatabaseTest, ADirectoryServiceThatIsAwayReturnsNothing) {
  for (const auto* services : {"ldap", "ldap files", "sss files systemd"})
    ExpectNoneComesBack(services, [&] { AskServices(services); });
}

TEST_F(UserDatabaseTest, AFileThatIsRenamedAllTheTimeReturnsNothing) {
  const auto subject = MakeSubject();
  {
    Kept users(kUsers);
    const auto whole = TextOf(kUsers);
    std::atomic<bool> ends = false;
    std::thread editor([&] {
      for (int i = 0; !ends; ++i) {
        if (i % 3 == 0) Replace(kUsers, whole);
        if (i % 3 == 1) Replace(kUsers, "");
        if (i % 3 == 2) fs::remove(kUsers);
        std::this_thread::sleep_for(std::chrono::milliseconds(8));
      }
    });
    Submit(subject);
    EXPECT_TRUE(WaitUntil([&] {
      return std::ranges::all_of(ReadQueue(), [](const auto& envelope) { return envelope.attempts > 0; });
    })) << DescribeQueue();
    ends = true;
    editor.join();
  }
  // Agents that were started meanwhile may not have found out who they are.
  EXPECT_TRUE(WaitUntil([] {
    Check({"mailqueuectl", "flush"});
    return ReadQueue().size() == 1;
  })) << DescribeQueue();
  ExpectMailAndBounces(subject);
}

TEST_F(UserDatabaseTest, AnOutageIsOneWarning) {
  Kept services(kServices);
  AskServices("ldap");
  const auto subject = MakeSubject();
  Submit(subject);
  ASSERT_TRUE(WaitUntil([&] { return AllWait(subject); })) << DescribeQueue();
  EXPECT_EQ(CountLines(Check({"mailqueuectl", "status"}), "user database"), 1U)
      << Check({"mailqueuectl", "status"});
  services.PutBack();
  Check({"mailqueuectl", "flush"});
  EXPECT_TRUE(WaitUntil([] { return ReadQueue().size() == 1; })) << DescribeQueue();
  EXPECT_EQ(CountLines(Check({"mailqueuectl", "status"}), "user database"), 0U);
}

// RetryMin= is for what others say.
TEST_F(UserDatabaseTest, MailGoesOnSoonAfterAnOutage) {
  const auto subject = MakeSubject();
  {
    Kept users(kUsers);
    fs::remove(kUsers);
    Submit(subject);
    ASSERT_TRUE(WaitUntil([&] { return AllWait(subject); })) << DescribeQueue();
  }
  ExpectMailAndBounces(subject);
}

TEST_F(UserDatabaseTest, AnAliasesUserWhoCannotBeLookedUpIsNotMissing) {
  const SetupFile aliases("/etc/aliases", "file: /var/tmp/file\n");
  Kept services(kServices);
  AskServices("ldap");
  Send("root", {"-f", "carol", "file"}, "From: carol\n" + MakeMessage(MakeSubject()));
  const auto result = [] {
    for (const auto& envelope : ReadQueue())
      if (envelope.recipients[0].address == "file" && envelope.recipients[0].result)
        return envelope.recipients[0].result->text;
    return std::string();
  };
  ASSERT_TRUE(WaitUntil([&] { return !result().empty(); })) << DescribeQueue();
  EXPECT_NE(result().find("the user database does not answer"), std::string::npos) << result();
}

TEST_F(UserDatabaseTest, ANameWithAMailboxIsNotGoneWhenItIsMissingOnce) {
  std::ofstream(MailboxPath("former")) << "";
  Send("root", {"-f", "carol", "former"}, "From: carol\n" + MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil([] {
    const auto queue = ReadQueue();
    return queue.size() == 2 && std::ranges::all_of(queue, IsWaiting);
  })) << DescribeQueue();
  EXPECT_NE(Check({"mailq"}).find("there is a mailbox of that name"), std::string::npos);
}

TEST_F(UserDatabaseTest, SendmailMakesUpNoSender) {
  const auto subject = MakeSubject();
  {
    Kept users(kUsers);
    const std::vector<std::string> as_alice = {"setpriv", "--reuid=1000", "--regid=1000", "--clear-groups",
                                               "sendmail"};
    for (const auto* damage : {"missing", "empty"}) {
      std::string(damage) == "missing" ? (void)fs::remove(kUsers) : Replace(kUsers, "");
      auto words = as_alice;
      words.emplace_back("bob");
      const auto ended = Execute({.words = words, .input = MakeMessage(subject)});
      EXPECT_EQ(ended.status, 75) << damage << ended.err;
      EXPECT_NE(ended.err.find("user database"), std::string::npos) << ended.err;
    }
    // Who names a sender needs nobody looked up.
    auto words = as_alice;
    words.insert(words.end(), {"-f", "alice", "bob"});
    EXPECT_EQ(Execute({.words = words, .input = MakeMessage(subject)}).status, 0);
  }
  Check({"mailqueuectl", "flush"});
  (void)WaitForLetter("bob", subject);
}

}  // namespace
