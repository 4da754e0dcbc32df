// SPDX-License-Identifier: BSD-2-Clause
// Mailboxes on a disk that has no room, or no more of it for their user: mail waits, and what is there stays
// as it was.
#include "base/error.hxx"
#include "fixture.hxx"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <ranges>

using namespace machine;
namespace fs = std::filesystem;

namespace {

constexpr char kHome[] = "/home/alice";

// More than the disks of these tests have left.
std::string LargeBody() {
  std::string body;
  for (int i = 0; i < 10000; ++i) body += "A line that takes its share of the place that is left.\n";
  return body;
}

void GiveToAlice(const std::string& path) {
  const auto* const alice = ::getpwnam("alice");
  ASSERT_NE(alice, nullptr);
  ASSERT_EQ(::chown(path.c_str(), alice->pw_uid, alice->pw_gid), 0) << path;
}

void WriteForward(const std::string& text) {
  const std::string path = std::string(kHome) + "/.forward";
  std::ofstream(path) << text;
  GiveToAlice(path);
}

/// Each file in alice's Maildir, wherever it lies there.
std::vector<std::string> MaildirFiles() {
  std::vector<std::string> files;
  const fs::path maildir = fs::path(kHome) / "Maildir";
  if (!fs::exists(maildir)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(maildir))
    if (entry.is_regular_file()) files.push_back(entry.path());
  return files;
}

/// Until a message is deferred for this reason.
void ExpectDeferral(const std::string& status, const std::string& reason) {
  ASSERT_TRUE(WaitUntil([] { return !Deferral().empty(); })) << DescribeQueue();
  EXPECT_TRUE(Deferral().starts_with(status + " ")) << Deferral();
  EXPECT_NE(Deferral().find(reason), std::string::npos) << Deferral();
  const auto listing = Check({"mailq"});
  EXPECT_NE(listing.find(reason), std::string::npos) << listing;
}

class WithDisks : public SystemTest {
 protected:
  void SetUp() override {
    SystemTest::SetUp();
    // No attempt but those that are asked for.
    quiet_.emplace("[Queue]\nRetryMin=1h\n");
  }
  void TearDown() override {
    quiet_.reset();
    (void)Execute({.words = {"systemctl", "stop", "mailqueue-deliver-*.service"}});
    for (const auto& point : std::ranges::reverse_view(mounts_)) Check({"umount", point});
    SystemTest::TearDown();
  }

  void Mount(std::vector<std::string> words) {
    mounts_.push_back(words.back());
    words.insert(words.begin(), "mount");
    Check(words);
  }

  // Delivers a small message, and finds no room for a large one before MakeRoom() has been called.
  void ExpectMboxToStay(const std::string& status, const std::string& reason);
  void ExpectMaildirToStay(const std::string& status, const std::string& reason);
  virtual void MakeRoom() = 0;

 private:
  std::optional<Configuration> quiet_;
  std::vector<std::string> mounts_;
};

void WithDisks::ExpectMboxToStay(const std::string& status, const std::string& reason) {
  const auto small = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(small));
  (void)WaitForLetter("alice", small);
  const auto before = MailboxText("alice");
  ASSERT_TRUE(WaitUntil(IsQueueEmpty));
  const auto large = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(large, LargeBody()));
  ExpectDeferral(status, reason);
  EXPECT_EQ(MailboxText("alice").size(), before.size());
  EXPECT_EQ(MailboxText("alice"), before);
  MakeRoom();
  ASSERT_TRUE(FlushAll()) << DescribeQueue();
  EXPECT_EQ(WaitForLetter("alice", large).body, LargeBody());
  EXPECT_EQ(ReadMailbox("alice").size(), 2U);
}

void WithDisks::ExpectMaildirToStay(const std::string& status, const std::string& reason) {
  WriteForward("~/Maildir/\n");
  Send("bob", {"alice"}, MakeMessage(MakeSubject()));
  ASSERT_TRUE(WaitUntil([] { return IsQueueEmpty(); })) << DescribeQueue();
  const auto before = MaildirFiles();
  ASSERT_EQ(before.size(), 1U);
  const auto large = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(large, LargeBody()));
  ExpectDeferral(status, reason);
  EXPECT_EQ(MaildirFiles(), before) << "what was written of the message stays";
  MakeRoom();
  ASSERT_TRUE(FlushAll()) << DescribeQueue();
  const auto files = MaildirFiles();
  ASSERT_EQ(files.size(), 2U);
  const bool is_whole =
      ParseLetter(TextOf(files[0])).body == LargeBody() || ParseLetter(TextOf(files[1])).body == LargeBody();
  EXPECT_TRUE(is_whole);
}

}  // namespace

class FullDisk : public WithDisks {
 protected:
  void MakeRoom() override { Check({"mount", "-o", "remount,size=8m,nr_inodes=100", disk_}); }

  std::string disk_;
};

TEST_F(FullDisk, LeavesAnMboxAsItWas) {
  Mount({"-t", "tmpfs", "-o", "size=64k,mode=2775,gid=mail", "tmpfs", disk_ = "/var/mail"});
  ExpectMboxToStay("4.3.1", "No space left on device");
}

TEST_F(FullDisk, LeavesNothingInAMaildir) {
  Mount({"-t", "tmpfs", "-o", "size=64k,uid=alice,gid=alice,mode=755", "tmpfs", disk_ = kHome});
  ExpectMaildirToStay("4.3.1", "No space left on device");
}

// An agent has its file systems as they were when it was started, so it is not asked again.
TEST_F(FullDisk, OfAMailboxThatWasReadOnlyIsForgotten) {
  Mount({"-t", "tmpfs", "-o", "mode=2775,gid=mail", "tmpfs", disk_ = "/var/mail"});
  Check({"mount", "-o", "remount,bind,ro", disk_});
  const auto subject = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(subject));
  ExpectDeferral("4.2.0", "Read-only file system");
  Check({"mount", "-o", "remount,bind,rw", disk_});
  // Mail that comes all the time keeps an agent.
  const auto next = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(next));
  (void)WaitForLetter("alice", next);
  ASSERT_TRUE(FlushAll()) << DescribeQueue();
  EXPECT_EQ(WaitForLetter("alice", subject).body, "A line.\n");
}

// The mailbox, or its lock file, can't be made.
TEST_F(FullDisk, WithoutInodesDefersMailForAnMbox) {
  Mount({"-t", "tmpfs", "-o", "nr_inodes=1,mode=2775,gid=mail", "tmpfs", disk_ = "/var/mail"});
  const auto subject = MakeSubject();
  Send("bob", {"alice"}, MakeMessage(subject));
  ExpectDeferral("4.3.1", "No space left on device");
  MakeRoom();
  ASSERT_TRUE(FlushAll()) << DescribeQueue();
  EXPECT_EQ(WaitForLetter("alice", subject).body, "A line.\n");
}

// The directories of the Maildir are there, and one file.
TEST_F(FullDisk, WithoutInodesDefersMailForAMaildir) {
  Mount({"-t", "tmpfs", "-o", "nr_inodes=7,uid=alice,gid=alice,mode=755", "tmpfs", disk_ = kHome});
  ExpectMaildirToStay("4.3.1", "No space left on device");
}

/// What a file system holds its users to. btrfs, because it keeps quotas without further help of the kernel.
class Quota : public WithDisks {
 protected:
  void SetUp() override {
    WithDisks::SetUp();
    if (::access("/dev/loop-control", W_OK) < 0) GTEST_SKIP() << "no loop devices here";
    Check({"truncate", "--size=128M", kImage});
    Check({"mkfs.btrfs", "--quiet", kImage});
    fs::create_directory(kDisk);
    Mount({"-o", "loop", kImage, kDisk});
    Check({"btrfs", "quota", "enable", kDisk});
    Check({"btrfs", "subvolume", "create", kSpace});
    Check({"btrfs", "qgroup", "limit", "256K", kSpace});
  }
  void TearDown() override {
    WithDisks::TearDown();
    fs::remove(kImage);
    fs::remove(kDisk);
  }
  void MakeRoom() override { Check({"btrfs", "qgroup", "limit", "none", kSpace}); }

  static constexpr char kImage[] = "/var/spool/disk.image";
  static constexpr char kDisk[] = "/srv/disk";
  static constexpr char kSpace[] = "/srv/disk/space";
};

TEST_F(Quota, LeavesAnMboxAsItWas) {
  Check({"chgrp", "mail", kSpace});
  Check({"chmod", "2775", kSpace});
  Mount({"--bind", kSpace, "/var/mail"});
  ExpectMboxToStay("4.2.2", "Disk quota exceeded");
}

TEST_F(Quota, LeavesNothingInAMaildir) {
  GiveToAlice(kSpace);
  Mount({"--bind", kSpace, kHome});
  ExpectMaildirToStay("4.2.2", "Disk quota exceeded");
}
