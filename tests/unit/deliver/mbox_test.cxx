// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/mbox.hxx"

#include "mailbox_fixture.hxx"
#include "programs/deliver/mailbox_lock.hxx"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <thread>

namespace {

using MboxTest = MailboxTest;
using mail::Outcome;

struct stat StatusOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status;
}

TEST_F(MboxTest, MakesTheMailboxForItsUserAlone) {
  const auto result = Deliver();
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(result.status, "2.0.0");
  EXPECT_EQ(Read(), EntryText());
  EXPECT_EQ(StatusOf(directory / "mbox").st_mode & 07777, 0600u);
  EXPECT_FALSE(Has("mbox.lock"));
}

TEST_F(MboxTest, MakesTheMailboxForGroupMailWhereItsDirectoryDoes) {
  const auto group = FindGroup("mail");
  if (::geteuid() != 0 || !group) GTEST_SKIP() << "takes root, and a group mail";
  ASSERT_EQ(::chown(directory.Path().c_str(), 0, *group), 0);
  ASSERT_EQ(::chmod(directory.Path().c_str(), 02775), 0);
  const auto mask = ::umask(0007);
  EXPECT_EQ(Deliver().outcome, Outcome::Delivered);
  ::umask(mask);
  EXPECT_EQ(StatusOf(directory / "mbox").st_mode & 07777, 0660u);
  EXPECT_EQ(StatusOf(directory / "mbox").st_gid, *group);
  EXPECT_EQ(Deliver().outcome, Outcome::Delivered) << "it must accept what it has made";
}

TEST_F(MboxTest, IsMadeEmptyForOthers) {
  deliver::Mbox mbox({directory.Path(), "", "mbox"}, user);
  mbox.Make();
  EXPECT_TRUE(Has("mbox"));
  Write(kOther);
  mbox.Make();
  EXPECT_EQ(Read(), kOther);
}

TEST_F(MboxTest, AppendsBehindAnEmptyLine) {
  const std::pair<std::string, std::string> kCases[] = {{"", ""},
                                                        {kOther, ""},
                                                        {"\n", "\n"},
                                                        {"x", "\n\n"},
                                                        {"x\n", "\n"},
                                                        {"x\n\n", ""},
                                                        {kOther + "cut", "\n\n"}};
  for (const auto& [before, between] : kCases) {
    Write(before);
    EXPECT_EQ(Deliver().outcome, Outcome::Delivered);
    EXPECT_EQ(Read(), before + between + EntryText()) << before;
  }
}

TEST_F(MboxTest, DefersWhereTheMailboxIsUnsafeAndWritesNothing) {
  const std::string target = directory / "target";
  const auto expect_deferred = [&](const char* what, const char* words) {
    const auto result = Deliver();
    EXPECT_EQ(result.outcome, Outcome::Deferred) << what;
    EXPECT_NE(result.text.find(directory / "mbox"), std::string::npos) << result.text;
    EXPECT_NE(result.text.find(words), std::string::npos) << what << ": " << result.text;
    EXPECT_EQ(Read("target"), "") << what;
    std::filesystem::remove(directory / "mbox");
  };
  Write("", "target");
  std::filesystem::create_hard_link(target, directory / "mbox");
  expect_deferred("a hard link", "hard links");
  ASSERT_EQ(::mkfifo((directory / "mbox").c_str(), 0600), 0);
  expect_deferred("a FIFO", "not a regular file");
  std::filesystem::create_directory(directory / "mbox");
  expect_deferred("a directory", "Is a directory");
  Write("");
  std::filesystem::permissions(directory / "mbox", std::filesystem::perms(0606));
  expect_deferred("writable by all", "chmod o-w");
  Write("");
  ++user.uid;
  expect_deferred("somebody else's", "belongs to uid");
}

TEST_F(MboxTest, IsFoundBehindALinkOfItsUserOrRoot) {
  for (const bool in_home : {false, true}) {
    const deliver::MailboxPath path{directory.Path(), "", "mbox", in_home};
    const auto deliver_there = [&] { return deliver::Mbox(path, user).Deliver(Letter()); };
    std::filesystem::create_symlink("target", directory / "mbox");
    EXPECT_EQ(deliver_there().outcome, Outcome::Delivered) << "where it leads to, it is made";
    EXPECT_EQ(deliver_there().outcome, Outcome::Delivered);
    EXPECT_EQ(Read("target"), EntryText() + EntryText());
    EXPECT_TRUE(std::filesystem::is_symlink(directory / "mbox"));
    std::filesystem::remove(directory / "mbox");
    std::filesystem::create_symlink("mbox", directory / "mbox");
    EXPECT_NE(deliver_there().text.find("too many symbolic links"), std::string::npos);
    std::filesystem::remove(directory / "mbox");
    std::filesystem::remove(directory / "target");
  }
}

TEST_F(MboxTest, IsNotFoundBehindALinkOfAnotherOrInAnothersMailbox) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, who gives links away";
  const deliver::MailboxPath path{directory.Path(), "", "mbox", true};
  Write(kOther, "target");
  std::filesystem::create_symlink("target", directory / "mbox");
  ASSERT_EQ(::lchown((directory / "mbox").c_str(), 3000, 3000), 0);
  auto result = deliver::Mbox(path, user).Deliver(Letter());
  EXPECT_EQ(result.status, "4.2.0");
  EXPECT_NE(result.text.find("Symbolic link 'mbox' belongs to uid 3000"), std::string::npos) << result.text;
  ASSERT_EQ(::lchown((directory / "mbox").c_str(), 0, 0), 0);
  ASSERT_EQ(::chown((directory / "target").c_str(), 3000, 3000), 0);
  result = deliver::Mbox(path, user).Deliver(Letter());
  EXPECT_NE(result.text.find("belongs to uid 3000"), std::string::npos) << result.text;
  EXPECT_EQ(Read("target"), kOther);
}

TEST_F(MboxTest, IsNotReadForItsUser) {
  Write(kOther);
  const timespec times[] = {{1000, 0}, {2000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (directory / "mbox").c_str(), times, 0), 0);
  EXPECT_EQ(Deliver().outcome, Outcome::Delivered);
  EXPECT_EQ(Deliver(true).outcome, Outcome::Delivered);
  EXPECT_EQ(StatusOf(directory / "mbox").st_atim.tv_sec, 1000);
  EXPECT_GT(StatusOf(directory / "mbox").st_mtim.tv_sec, 2000);
}

TEST_F(MboxTest, LetsGroupMailOrTheUsersOwnGroupWriteButNoOther) {
  Write("");
  std::filesystem::permissions(directory / "mbox", std::filesystem::perms(0660));
  EXPECT_EQ(Deliver().outcome, Outcome::Delivered);
  ++user.gid;
  EXPECT_EQ(Deliver().outcome, Outcome::Deferred);
}

TEST_F(MboxTest, DefersWhileTheMailboxIsLocked) {
  Write(kOther);
  Write("", "mbox.lock");
  auto result = Deliver(false, std::chrono::milliseconds(30));
  EXPECT_EQ(result.outcome, Outcome::Deferred);
  EXPECT_TRUE(result.text.ends_with("is locked by the lock file 'mbox.lock'")) << result.text;
  EXPECT_EQ(Read(), kOther);
}

TEST_F(MboxTest, WaitsForALock) {
  Write(kOther);
  Write("", "mbox.lock");
  std::thread other([this] { RemoveFile({OpenDirectory(directory.Path()), "mbox.lock"}); });
  EXPECT_EQ(Deliver(false, std::chrono::seconds(30)).outcome, Outcome::Delivered);
  other.join();
  EXPECT_EQ(Read(), kOther + EntryText());
}

// Each in a thread of its own, with a file descriptor and so a lock of its own.
TEST_F(MboxTest, KeepsDeliveriesApart) {
  constexpr std::uint32_t kNumber = 20;
  std::vector<std::thread> threads;
  std::vector<std::string> entries(kNumber);
  for (std::uint32_t i = 0; i < kNumber; ++i)
    threads.emplace_back([this, i, &entries] {
      const auto mine = MakeEnvelope(i);
      mail::Envelope sized = mine;
      sized.message_size = envelope.message_size;
      const local::Letter letter{sized, message, "here.example"};
      StringSink sink;
      EXPECT_TRUE(deliver::MboxEntry(letter, user).WriteTo(sink));
      entries[i] = sink.text;
      const auto result = deliver::Mbox({directory.Path(), "", "mbox"}, user).Deliver(letter);
      EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
    });
  for (auto& thread : threads) thread.join();
  const auto text = Read();
  std::size_t total = 0;
  for (const auto& entry : entries) {
    EXPECT_NE(text.find(entry), std::string::npos);
    total += entry.size();
  }
  EXPECT_EQ(text.size(), total);
}

// In a process of its own: the limit stays.
TEST_F(MboxTest, TakesBackWhatDoesNotFit) {
  SetMessage("Subject: x\n\n" + std::string(300'000, 'x') + "\n");
  Write(kOther + "open");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{200'000, 200'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto result = Deliver();
    ::_exit(result.outcome == Outcome::Deferred && result.status == "4.2.2" ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Read(), kOther + "open");
  EXPECT_FALSE(Has("mbox.lock"));
}

TEST_F(MboxTest, TakesBackAMessageThatIsNotWhatItsEnvelopeSays) {
  Write(kOther);
  ++envelope.message_size;
  EXPECT_EQ(Deliver().outcome, Outcome::Deferred);
  EXPECT_EQ(Read(), kOther);
}

TEST_F(MboxTest, MakesNoOtherNameThanTheUsersInTheMailDirectory) {
  const auto group = FindGroup("mail");
  if (::geteuid() != 0 || !group) GTEST_SKIP() << "takes root, and a group mail";
  ++user.uid;  // the directory is not theirs
  ASSERT_EQ(::chown(directory.Path().c_str(), 0, *group), 0);
  ASSERT_EQ(::chmod(directory.Path().c_str(), 02775), 0);
  const auto result = Deliver();
  EXPECT_EQ(result.outcome, Outcome::Deferred);
  EXPECT_NE(result.text.find("own mailbox"), std::string::npos) << result.text;
  EXPECT_FALSE(Has("mbox"));
}

TEST_F(MboxTest, IsNotReachedByAWayThatOthersCanChange) {
  std::filesystem::create_directory(directory / "open");
  ASSERT_EQ(::chmod((directory / "open").c_str(), 0777), 0);
  const auto result = deliver::Mbox({directory / "open", "", "mbox"}, user).Deliver(Letter());
  EXPECT_EQ(result.outcome, Outcome::Deferred);
  EXPECT_EQ(result.status, "4.2.0") << result.text;
  EXPECT_FALSE(Has("open/mbox"));
}

TEST_F(MboxTest, DefersWithoutItsDirectory) {
  const auto result = deliver::Mbox({directory / "none", "", "mbox"}, user).Deliver(Letter());
  EXPECT_EQ(result.outcome, Outcome::Deferred);
  EXPECT_FALSE(Has("none"));
}

}  // namespace
