// SPDX-License-Identifier: BSD-2-Clause
#include "programs/deliver/maildir.hxx"

#include "../killed_at.hxx"
#include "mailbox_fixture.hxx"
#include "programs/deliver/maildir_directories.hxx"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <set>

namespace {

using deliver::Maildir;
using mail::Outcome;

struct MaildirTest : MailboxTest {
  [[nodiscard]] Maildir Box() const { return {{directory.Path(), "", "Maildir", true}, user}; }
  [[nodiscard]] mail::DeliveryResult DeliverTo(Maildir box, bool again = false) const {
    return box.Deliver(Letter(again));
  }
  [[nodiscard]] mail::DeliveryResult DeliverToBox(bool again = false) const {
    return DeliverTo(Box(), again);
  }
  [[nodiscard]] std::string Name() const { return Maildir::NameFor(Letter(), user); }
  /// Names of all files below the directory, relative to it.
  [[nodiscard]] std::set<std::string> Files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.Path()))
      if (!entry.is_directory()) names.insert(std::filesystem::relative(entry.path(), directory.Path()));
    return names;
  }
  void Clear() const { std::filesystem::remove_all(directory / "Maildir"); }
};

TEST_F(MaildirTest, IsMadeWholeForItsUserAlone) {
  const auto result = DeliverToBox();
  EXPECT_EQ(result.outcome, Outcome::Delivered) << result.text;
  EXPECT_EQ(result.text, "Delivered to '" + directory.Path() + "/Maildir/'");
  for (const auto* name : {"Maildir", "Maildir/tmp", "Maildir/new", "Maildir/cur"})
    EXPECT_EQ(std::filesystem::status(directory / name).permissions(), std::filesystem::perms(0700)) << name;
  EXPECT_EQ(Files(), std::set<std::string>{"Maildir/new/" + Name()});
  EXPECT_EQ(std::filesystem::status(directory / ("Maildir/new/" + Name())).permissions(),
            std::filesystem::perms(0600));
}

TEST_F(MaildirTest, MakesNothingInSomebodyElsesDirectory) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, who gives directories away";
  std::filesystem::create_directory(directory / "Maildir");
  ASSERT_EQ(::chown((directory / "Maildir").c_str(), 3000, 3000), 0);
  EXPECT_EQ(DeliverToBox().outcome, Outcome::Deferred);
  EXPECT_TRUE(std::filesystem::is_empty(directory / "Maildir"));
}

TEST_F(MaildirTest, HoldsTheHeadAndTheMessageUnquoted) {
  SetMessage("Subject: x\n\nFrom here\n>From there\nno end");
  envelope.recipients.emplace_back().address = "postmaster";
  EXPECT_EQ(DeliverToBox().outcome, Outcome::Delivered);
  EXPECT_EQ(Read("Maildir/new/" + Name()),
            "Return-Path: <bob@example.org>\nX-Mailqueue-Id: " + envelope.id.ToString() +
                "\nX-Original-To: alice@here.example\nX-Original-To: postmaster\n"
                "Delivered-To: alice@here.example\n"
                "Subject: x\n\nFrom here\n>From there\nno end");
}

TEST_F(MaildirTest, NamesEachMessageAfterItselfAndItsHead) {
  const auto name = Name();
  EXPECT_TRUE(name.starts_with("1700000000." + envelope.id.ToString() + "_")) << name;
  EXPECT_TRUE(name.ends_with(".here.example")) << name;
  EXPECT_EQ(Name(), name);
  envelope.recipients[0].address = "somebody@else.example";
  EXPECT_NE(Name(), name);
  const std::string long_host = "a/b:" + std::string(300, 'x');
  const local::Letter letter{envelope, message, long_host};
  EXPECT_LT(Maildir::NameFor(letter, user).size(), 200u);
  EXPECT_EQ(Maildir::NameFor(letter, user).find_first_of("/:"), std::string::npos);
  EXPECT_TRUE(Maildir::NameFor({envelope, message, ""}, user).ends_with(".localhost"));
}

TEST_F(MaildirTest, MakesTheWayInTheHome) {
  EXPECT_EQ(DeliverTo(Maildir({directory.Path(), "mail/in", "box", true}, user)).outcome, Outcome::Delivered);
  EXPECT_EQ(Files(), std::set<std::string>{"mail/in/box/new/" + Name()});
}

TEST_F(MaildirTest, MakesNoWayElsewhere) {
  EXPECT_EQ(DeliverTo(Maildir({directory / "none", "", "box"}, user)).outcome, Outcome::Deferred);
  EXPECT_FALSE(Has("none"));
}

TEST_F(MaildirTest, RecognisesAnEarlierCopyWhereverItsReaderHasPutIt) {
  ASSERT_EQ(DeliverToBox().outcome, Outcome::Delivered);
  const std::string before = directory / "Maildir/new/" + Name();
  for (const auto* place : {"new/", "cur/"})
    for (const auto* flags : {"", ":2,", ":2,FRS"}) {
      const std::string after = directory / "Maildir" + "/" + place + Name() + flags;
      std::filesystem::rename(before, after);
      const auto result = DeliverToBox(true);
      EXPECT_EQ(result.outcome, Outcome::Delivered);
      EXPECT_TRUE(result.text.starts_with("Already in ")) << result.text;
      EXPECT_EQ(Files().size(), 1u) << after;
      std::filesystem::rename(after, before);
    }
}

TEST_F(MaildirTest, TakesNoOtherFileForAnEarlierCopy) {
  ASSERT_EQ(DeliverToBox().outcome, Outcome::Delivered);
  std::filesystem::rename(directory / "Maildir/new/" + Name(), directory / "Maildir/cur/" + Name() + "0");
  EXPECT_TRUE(DeliverToBox(true).text.starts_with("Delivered to "));
  EXPECT_EQ(Files().size(), 2u);
}

TEST_F(MaildirTest, ReplacesNothing) {
  ASSERT_EQ(DeliverToBox().outcome, Outcome::Delivered);
  Write("the user's", "Maildir/new/" + Name());
  EXPECT_TRUE(DeliverToBox().text.starts_with("Already in "));
  EXPECT_EQ(Read("Maildir/new/" + Name()), "the user's");
  EXPECT_EQ(Files().size(), 1u);
}

TEST_F(MaildirTest, DefersWhereItIsUnsafeAndWritesNothing) {
  const auto expect_deferred = [this](const std::string& what, const char* words) {
    const auto result = DeliverToBox();
    EXPECT_EQ(result.outcome, Outcome::Deferred) << what;
    EXPECT_EQ(result.status, "4.2.0") << what << ": " << result.text;
    EXPECT_NE(result.text.find(words), std::string::npos) << what << ": " << result.text;
    EXPECT_NE(Box().Explain().outcome, Outcome::Failed) << what;
    Clear();
  };
  std::filesystem::create_directories(directory / "target/new");
  for (const auto* name : {"Maildir/tmp", "Maildir/new", "Maildir/cur", "Maildir"}) {
    std::filesystem::create_directories((directory / name).substr(0, (directory / name).rfind('/')));
    std::filesystem::create_directory_symlink(directory / "target", directory / name);
    if (name != std::string("Maildir")) expect_deferred(std::string("a link as ") + name, "");
    EXPECT_EQ(Files(), std::set<std::string>()) << name;
    Clear();
    std::filesystem::create_directories((directory / name).substr(0, (directory / name).rfind('/')));
    ASSERT_EQ(::mkfifo((directory / name).c_str(), 0600), 0);
    expect_deferred(std::string("a FIFO as ") + name, "");
    ASSERT_EQ(DeliverToBox().outcome, Outcome::Delivered);
    ASSERT_EQ(::chmod((directory / name).c_str(), 0707), 0);
    expect_deferred(std::string("writable by all ") + name, "chmod o-w");
  }
  ++user.uid;
  expect_deferred("somebody else's", "belongs to uid");
}

TEST_F(MaildirTest, TakesBackWhatCanNotBeWritten) {
  ++envelope.message_size;
  EXPECT_EQ(DeliverToBox().outcome, Outcome::Deferred) << "a message that is shorter than its envelope says";
  envelope.message_size -= 2;
  EXPECT_EQ(DeliverToBox().outcome, Outcome::Deferred) << "one that is longer";
  EXPECT_EQ(Files(), std::set<std::string>());
}

// In a process of its own: the limit stays.
TEST_F(MaildirTest, DefersWhatDoesNotFit) {
  SetMessage("Subject: x\n\n" + std::string(300'000, 'x') + "\n");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{200'000, 200'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto result = DeliverToBox();
    ::_exit(result.outcome == Outcome::Deferred && result.status == "4.2.2" ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Files(), std::set<std::string>());
}

TEST_F(MaildirTest, IsRepairedWhenADeliveryIsKilledAtAnySystemCall) {
  SetMessage("Subject: x\n\n" + std::string(150'000, 'x') + "\n");
  const std::string copy =
      local::MakeHead(Letter(), user) + "Subject: x\n\n" + std::string(150'000, 'x') + "\n";
  const auto places = ForEachPlaceToDie([&](unsigned stop) {
    Clear();
    const bool ended = EndsBeforeKilledAt(stop, [this] { static_cast<void>(DeliverToBox()); });
    const auto result = DeliverToBox(true);
    EXPECT_EQ(result.outcome, Outcome::Delivered) << "killed at " << stop << ": " << result.text;
    EXPECT_EQ(Files(), std::set<std::string>{"Maildir/new/" + Name()}) << "killed at " << stop;
    EXPECT_TRUE(Read("Maildir/new/" + Name()) == copy) << "killed at " << stop;
    return ended;
  });
  EXPECT_GT(places, 40u);
}

TEST_F(MaildirTest, IsFoundBehindLinksOfItsUserOrRoot) {
  std::filesystem::create_directory(directory / "disk");
  std::filesystem::create_directory_symlink(directory / "disk/box", directory / "Maildir");
  EXPECT_NE(Box().Explain().outcome, Outcome::Failed);
  EXPECT_EQ(DeliverToBox().outcome, Outcome::Delivered);
  EXPECT_EQ(DeliverToBox(true).text.substr(0, 10), "Already in");
  std::filesystem::create_directory_symlink("disk", directory / "mail");
  EXPECT_EQ(DeliverTo(Maildir({directory.Path(), "mail/in", "box", true}, user)).outcome, Outcome::Delivered);
  EXPECT_EQ(Files(), (std::set<std::string>{"disk/box/new/" + Name(), "disk/in/box/new/" + Name()}));
  if (::geteuid() != 0) return;
  ASSERT_EQ(::lchown((directory / "Maildir").c_str(), 3000, 3000), 0);
  EXPECT_EQ(DeliverToBox().outcome, Outcome::Deferred) << "a link of another";
}

TEST_F(MaildirTest, IsNotReadForItsUser) {
  ASSERT_EQ(DeliverToBox().outcome, Outcome::Delivered);
  const timespec times[] = {{1000, 0}, {2000, 0}};
  for (const auto* part : {"Maildir", "Maildir/new", "Maildir/cur"})
    ASSERT_EQ(::utimensat(AT_FDCWD, (directory / part).c_str(), times, 0), 0);
  EXPECT_EQ(DeliverToBox(true).outcome, Outcome::Delivered);
  for (const auto* part : {"Maildir", "Maildir/new", "Maildir/cur"}) {
    struct stat status {};
    ASSERT_EQ(::stat((directory / part).c_str(), &status), 0);
    EXPECT_EQ(status.st_atim.tv_sec, 1000) << part;
  }
}

// Another process swaps each part of the Maildir for a link to somebody else's directory all the time.
TEST_F(MaildirTest, WritesNowhereElseHoweverItIsSwapped) {
  std::filesystem::create_directories(directory / "target/new");
  std::filesystem::create_directories(directory / "target/tmp");
  std::filesystem::create_directories(directory / "target/cur");
  ASSERT_EQ(DeliverToBox().outcome, Outcome::Delivered);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string names[] = {directory / "Maildir/cur", directory / "Maildir/tmp",
                                 directory / "Maildir/new"};
    for (unsigned i = 0;; ++i) {
      const auto& name = names[i % 3];
      const std::string away = directory / "away";
      if (::rename(name.c_str(), away.c_str()) < 0) continue;
      [[maybe_unused]] const int made = ::symlink((directory / "target").c_str(), name.c_str());
      ::unlink(name.c_str());
      static_cast<void>(::rename(away.c_str(), name.c_str()));
    }
  }
  unsigned delivered = 0;
  for (std::uint32_t i = 2; i < 1002; ++i) {
    envelope.id = mail::QueueId::Make(envelope.created, i);
    delivered += DeliverToBox().outcome == Outcome::Delivered;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_GT(delivered, 0u);
  for (const auto& file : Files()) EXPECT_FALSE(file.starts_with("target/")) << file;
}

TEST_F(MaildirTest, IsNotMadeUnderAnotherNameInTheMailDirectory) {
  const auto group = FindGroup("mail");
  if (::geteuid() != 0 || !group) GTEST_SKIP() << "takes root, and a group mail";
  ++user.uid;  // the directory is not theirs
  ASSERT_EQ(::chown(directory.Path().c_str(), 0, *group), 0);
  ASSERT_EQ(::chmod(directory.Path().c_str(), 02775), 0);
  EXPECT_EQ(DeliverTo(Maildir({directory.Path(), "", "bob"}, user)).outcome, Outcome::Deferred);
  EXPECT_FALSE(Has("bob"));
}

TEST_F(MaildirTest, ExplainsWithoutMakingAnything) {
  EXPECT_EQ(Box().Explain().text, "would deliver to '" + directory.Path() + "/Maildir/'");
  EXPECT_FALSE(Has("Maildir"));
  std::filesystem::create_directory(directory / "Maildir");
  std::filesystem::permissions(directory / "Maildir", std::filesystem::perms(0707));
  EXPECT_EQ(Box().Explain().outcome, Outcome::Deferred);
}

}  // namespace
