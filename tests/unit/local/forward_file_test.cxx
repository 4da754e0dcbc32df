// SPDX-License-Identifier: BSD-2-Clause
#include "local/forward_file.hxx"

#include "../base/home_fixture.hxx"
#include "courier/packet.hxx"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

namespace {

using courier::Forward;
using local::FindForward;
using local::NoForward;
using mail::DeliveryResult;

struct ForwardFileTest : HomeTest {
  /// "none", the result's text, or the destinations, one after the other with blanks between.
  [[nodiscard]] std::string Find(std::string_view extension = "") const {
    const auto word = FindForward(user, extension);
    if (std::holds_alternative<NoForward>(word)) return "none";
    if (const auto* result = std::get_if<DeliveryResult>(&word)) {
      EXPECT_EQ(result->outcome, mail::Outcome::Deferred);
      EXPECT_TRUE(result->status == "4.2.0") << result->status;
      return result->text;
    }
    std::string text;
    for (const auto& destination : std::get<Forward>(word).destinations)
      text += (text.empty() ? "" : " ") + destination.ToString();
    return text;
  }
  [[nodiscard]] Forward Get(std::string_view extension = "") const {
    auto word = FindForward(user, extension);
    if (const auto* result = std::get_if<DeliveryResult>(&word)) ADD_FAILURE() << result->text;
    return std::holds_alternative<Forward>(word) ? std::move(std::get<Forward>(word)) : Forward{};
  }
  /// The mailbox gets it, and the user is told why.
  void ExpectMailbox(const std::string& what, std::string_view words) const {
    EXPECT_EQ(Find(), "!") << what;
    const auto faults = Get().faults;
    ASSERT_EQ(faults.size(), 1U) << what;
    EXPECT_NE(faults[0].find(words), std::string::npos) << what << ": " << faults[0];
    EXPECT_NE(faults[0].find(".forward"), std::string::npos) << what << ": " << faults[0];
    std::filesystem::remove_all(PathOf(".forward"));
  }
  /// A mistake of that kind and another's address: both get a copy.
  void ExpectCopies(const std::string& text, std::string_view words) const {
    Write(".forward", "bob\n" + text + "\n");
    EXPECT_TRUE(Find() == "bob !" || Find() == "! bob") << text << ": " << Find();
    const auto faults = Get().faults;
    EXPECT_TRUE(std::ranges::any_of(faults, [&](const auto& fault) {
      return fault.find(words) != fault.npos;
    })) << text;
  }
};

TEST_F(ForwardFileTest, IsTheFirstOfSeveralNames) {
  EXPECT_EQ(Find(), "none");
  EXPECT_EQ(Find("x"), "none");
  Write(".config/mailqueue/forward", "d");
  EXPECT_EQ(Find("x"), "d");
  Write(".forward", "c");
  EXPECT_EQ(Find("x"), "c");
  Write(".config/mailqueue/forward+x", "b");
  EXPECT_EQ(Find("x"), "b");
  Write(".forward+x", "a");
  EXPECT_EQ(Find("x"), "a");
  EXPECT_EQ(Find("y"), "c");
  EXPECT_EQ(Find(), "c");
}

TEST_F(ForwardFileTest, TakesNoExtensionForAPath) {
  Write(".forward", "plain");
  Write(".forward+/file", "wrong");
  for (const auto& extension :
       {std::string("/file"), std::string("../x"), std::string("x\0y", 3), std::string(5000, 'x')})
    EXPECT_EQ(Find(extension), "plain") << extension;
}

TEST_F(ForwardFileTest, MeansTheMailboxWhenItIsEmpty) {
  for (const auto* text : {"", "\n\n", "# nothing\n"}) {
    Write(".forward", text);
    Write(".config/mailqueue/forward", "other");
    EXPECT_EQ(Find(), "none") << text;
  }
}

TEST_F(ForwardFileTest, OfRootNamesNoFilesAndNoCommands) {
  user.uid = 0;
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, whose the file is to be";
  Write(".forward", "bob, /root/.bashrc, |/bin/a, /dev/null, ~/box/\n");
  const auto forward = Get();
  ASSERT_EQ(forward.destinations.size(), 3U);
  EXPECT_EQ(forward.destinations[0].text, "bob");
  EXPECT_EQ(forward.destinations[1], (mail::Destination{mail::Destination::Kind::User, {}, 1}))
      << "the mailbox";
  EXPECT_EQ(forward.destinations[2].text, "/dev/null");
  EXPECT_EQ(forward.faults.size(), 3U);
}

TEST_F(ForwardFileTest, RunsNothingForAUserWhoMayNotLogIn) {
  if (user.uid == 0) user.uid = 3000;
  user.shell = "/usr/sbin/nologin";
  Write(".forward", "bob, \"|/bin/a\"\n:include:~/more\n");
  Write("more", "|/bin/b\n~/file\n");
  const auto forward = Get();
  ASSERT_EQ(forward.destinations.size(), 3U);
  EXPECT_EQ(forward.destinations[0].text, "bob");
  EXPECT_EQ(forward.destinations[1], (mail::Destination{mail::Destination::Kind::User, {}, 1}))
      << "the mailbox";
  EXPECT_EQ(forward.destinations[2].text, "~/file");
  ASSERT_EQ(forward.faults.size(), 2U);
  EXPECT_TRUE(forward.faults[0].ends_with(
      ":1: no commands are run for alice, whose shell, '/usr/sbin/nologin', is not in /etc/shells"))
      << forward.faults[0];
}

TEST_F(ForwardFileTest, ReadsNothingByGroupMailAlone) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, who gives files away";
  user.uid = 3000;
  Write(directory / "private", "secret@example.org\n", 0640);
  ASSERT_EQ(::chown((directory / "private").c_str(), 0, FindGroup("mail").value()), 0);
  Write(".forward", "bob, :include:" + (directory / "private") + "\n");
  const auto forward = Get();
  ASSERT_EQ(forward.destinations.size(), 2U);
  EXPECT_EQ(forward.destinations[1], (mail::Destination{mail::Destination::Kind::User, {}, 1}));
  ASSERT_EQ(forward.faults.size(), 1U);
  EXPECT_NE(forward.faults[0].find("Permission denied"), std::string::npos) << forward.faults[0];
}

TEST_F(ForwardFileTest, SaysWhereTheMailGoes) {
  if (user.uid == 0) user.uid = 3000;
  Write(".forward", "\\alice, bob@example.org\n/srv/box/\n!\n");
  const auto forward = Get();
  EXPECT_EQ(forward.path, home + "/.forward");
  ASSERT_EQ(forward.destinations.size(), 4u);
  EXPECT_EQ(forward.destinations[0].line, 1u);
  EXPECT_EQ(forward.destinations[2].line, 2u);
  EXPECT_TRUE(forward.faults.empty());
}

TEST_F(ForwardFileTest, ReadsIncludedFilesInTheirPlace) {
  Write(".forward", "a\n:include:~/list\nz\n:include:" + home + "/more\n");
  Write("list", "b\n\nc\n:include:~/deeper\n");
  Write("deeper", "d\n");
  Write("more", "e\n");
  EXPECT_EQ(Find(), "a b c d z e");
  for (const auto& destination : Get().destinations)
    if (destination.text == "d") {
      EXPECT_EQ(destination.file, home + "/deeper");
      EXPECT_EQ(destination.line, 1u);
    }
}

TEST_F(ForwardFileTest, GivesTheMailboxWhatItDoesNotUnderstand) {
  struct Case {
    const char* text;
    const char* destinations;
    const char* fault;
  };
  Write("self", "b\n:include:~/self\n");
  Write("bad", "c\n\"open\n");
  const Case kCases[] = {
      {"a\n\"open\n", "! a", "/.forward:2: "},
      {"\"open\n", "!", "/.forward:1: "},
      {"a\n:include:~/none\n", "a !", "/.forward:2: there is no file '~/none'"},
      {"a\n:include:~/self\n", "a b !", "self:2: leads in a circle to '~/self'"},
      {":include:~/.forward\na\n", "! a", ".forward:1: leads in a circle to '~/.forward'"},
      {"a\n\n:include:~/bad\n", "a ! c", "/bad:2: "},
  };
  for (const auto& expected : kCases) {
    Write(".forward", expected.text);
    EXPECT_EQ(Find(), expected.destinations) << expected.text;
    ASSERT_EQ(Get().faults.size(), 1u) << expected.text;
    EXPECT_NE(Get().faults[0].find(expected.fault), std::string::npos) << Get().faults[0];
  }
}

TEST_F(ForwardFileTest, ReadsAFileOnceThatTwoOthersInclude) {
  Write(".forward", ":include:~/one\n:include:~/two\n");
  Write("one", "a\n:include:~/both\n");
  Write("two", ":include:~/both\nb\n");
  Write("both", "c\n");
  EXPECT_EQ(Find(), "a c b");
  EXPECT_TRUE(Get().faults.empty());
}

TEST_F(ForwardFileTest, GivesRootsMailToNoCommand) {
  Write(".forward", "|/bin/cat\nadmin@example.org\n");
  user.uid = 0;
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, or the files would be another's";
  EXPECT_EQ(Find(), "! admin@example.org");
  EXPECT_EQ(Get().faults.size(), 1u);
}

TEST_F(ForwardFileTest, IsNotUsedWhereItIsUnsafe) {
  const std::string file = PathOf(".forward");
  Write(".forward", "a", 0646);
  ExpectMailbox("writable by all", "chmod o-w");
  Write(".forward", "a", 0664);
  if (::geteuid() == 0 && ::chown(file.c_str(), 0, 4000) == 0)
    ExpectMailbox("writable by a group", "chmod g-w");
  Write(".forward", "# Exim filter\nsave $home/x\n");
  ExpectMailbox("a filter", "is a filter");
  Write(".forward", "\"|/bin/cat >>/tmp/x\"\n");
  ExpectMailbox("a command for a shell", "runs in no shell");
  Write(directory / "elsewhere/file", "a");
  Link(directory / "elsewhere/file", ".forward");
  ExpectMailbox("a link out of the home", "out of the home");
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  ExpectMailbox("a FIFO", "not a regular file");
  std::filesystem::create_directory(file);
  ExpectMailbox("a directory", "not a regular file");
  Link("/dev/zero", ".forward");
  ExpectMailbox("/dev/zero", "out of the home");
  Link(".forward", ".forward");
  ExpectMailbox("a link to itself", "too many symbolic links");
  Write(".forward", "a");
  ASSERT_EQ(::chmod(home.c_str(), 0777), 0);
  ExpectMailbox("a home that everybody can write", "written by everybody");
  ASSERT_EQ(::chmod(home.c_str(), 0755), 0);
  Write(directory / "elsewhere/list", "a", 0666);
  ExpectCopies(":include:" + (directory / "elsewhere/list"), "chmod o-w");
  ExpectCopies(":include:/dev/zero", "not a regular file");
}

// What it says is not told to senders then.
TEST_F(ForwardFileTest, IsPrivateUnlessEverybodyMayReadIt) {
  std::filesystem::permissions(std::string(directory / "."), std::filesystem::perms(0755));
  const auto is_private = [&](mode_t mode, mode_t home_mode, mode_t list_mode) {
    Write(".forward", "bob\n:include:~/list\n", mode);
    Write("list", "carol\n", list_mode);
    EXPECT_EQ(::chmod(home.c_str(), home_mode), 0);
    return Get().is_private;
  };
  EXPECT_FALSE(is_private(0644, 0755, 0644));
  EXPECT_TRUE(is_private(0600, 0755, 0644));
  EXPECT_TRUE(is_private(0644, 0700, 0644));
  EXPECT_TRUE(is_private(0644, 0755, 0640));
}

TEST_F(ForwardFileTest, SaysThatAListIsCutOff) {
  std::string mistakes;
  for (int i = 0; i < 101; ++i) mistakes += "@@\n";
  ExpectCopies(mistakes, "is cut off");
}

TEST_F(ForwardFileTest, MayBeALongList) {
  std::string list;
  for (int i = 0; list.size() + 10 < local::kMaxForwardFile; ++i) list += "u" + std::to_string(i) + "@x\n";
  Write(".forward", list);
  EXPECT_GT(Get().destinations.size(), 7000u);
}

TEST_F(ForwardFileTest, IsNotAnothers) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root";
  user.uid = 3000;
  ASSERT_EQ(::chown(home.c_str(), 3000, 3000), 0);
  Write(".forward", "a");
  EXPECT_EQ(Find(), "a") << "root may put it there";
  ASSERT_EQ(::chown(PathOf(".forward").c_str(), 4000, 4000), 0);
  ExpectMailbox("another's file", "belongs to uid 4000");
  Write(".forward", "a");
  ASSERT_EQ(::chown(home.c_str(), 4000, 4000), 0);
  ExpectMailbox("another's home", "belongs to uid 4000");
}

TEST_F(ForwardFileTest, FollowsLinksWithinTheHome) {
  Write("dotfiles/forward", "a");
  Link("dotfiles/forward", ".forward");
  EXPECT_EQ(Find(), "a");
}

TEST_F(ForwardFileTest, CostsNothingHoweverLargeItIs) {
  Write(".forward", "");
  std::filesystem::resize_file(PathOf(".forward"), 1'000'000'000);
  ExpectMailbox("1 GB", "larger than 65536 octets");
  Write(".forward", std::string(local::kMaxForwardFile - 1, '#') + "\n");
  EXPECT_EQ(Find(), "none");
}

TEST_F(ForwardFileTest, EndsHoweverManyFilesItIncludes) {
  std::string all;
  for (int i = 0; i < 200; ++i) {
    const auto name = "list" + std::to_string(i);
    Write(name, "u" + std::to_string(i) + "\n");
    all += ":include:~/" + name + "\n";
  }
  Write(".forward", all);
  EXPECT_LE(Get().destinations.size(), local::kMaxIncludedFiles + 2);
  EXPECT_EQ(Get().faults.size(), local::kMaxForwardFaults + 1);
  for (int i = 0; i < 20; ++i)
    Write("chain" + std::to_string(i), ":include:~/chain" + std::to_string(i + 1) + "\n");
  Write(".forward", ":include:~/chain0\n");
  EXPECT_EQ(Get().faults.size(), 1u);
  EXPECT_EQ(Find(), "!");
}

TEST_F(ForwardFileTest, FitsIntoAnAnswer) {
  std::string all;
  for (int i = 0; i < 4; ++i) {
    const auto name = "list" + std::to_string(i);
    std::string text;
    for (int j = 0; text.size() < 60'000; ++j) text += "user" + std::to_string(j) + "@example.org\n";
    Write(name, text);
    all += ":include:~/" + name + "\n";
  }
  Write(".forward", all);
  ExpectMailbox("four long lists", "shorten it");
}

TEST_F(ForwardFileTest, IsNotReadWithoutLeave) {
  if (::geteuid() == 0) {
    const pid_t child = ::fork();
    if (child == 0) {
      user.uid = 3000;
      Write(".forward", "a", 0000);
      const bool ready = ::chown(home.c_str(), 3000, 3000) == 0 &&
                         ::chmod(directory.Path().c_str(), 0755) == 0 &&
                         ::chown(PathOf(".forward").c_str(), 3000, 3000) == 0 && ::setuid(3000) == 0;
      ::_exit(ready && Get().faults.at(0).find("Permission denied") != std::string::npos ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  } else {
    Write(".forward", "a", 0000);
    ExpectMailbox("mode 0000", "Permission denied");
  }
}

TEST_F(ForwardFileTest, IsNotLookedForInAHomeThatIsShutToTheUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root";
  const pid_t child = ::fork();
  if (child == 0) {
    user.uid = 3000;
    Write(".forward", "a");
    static_cast<void>(::chmod(home.c_str(), 0700));
    static_cast<void>(::chmod(directory.Path().c_str(), 0755));
    const bool is_found = Find() == "a";
    const bool is_user = ::setuid(3000) == 0;
    ::_exit(is_found && is_user && Find() == "none" ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

// Another process replaces the file by links and FIFOs all the time.
TEST_F(ForwardFileTest, IsNeverAnothersHoweverItIsSwapped) {
  Write(directory / "elsewhere/file", "foreign");
  const std::string file = PathOf(".forward");
  const pid_t child = ::fork();
  if (child == 0)
    while (true) {
      ::unlink(file.c_str());
      [[maybe_unused]] int made = ::symlink((directory / "elsewhere/file").c_str(), file.c_str());
      ::unlink(file.c_str());
      made = ::mkfifo(file.c_str(), 0600);
      ::unlink(file.c_str());
      made = ::symlink("/dev/zero", file.c_str());
    }
  for (int i = 0; i < 1000; ++i) {
    const auto word = FindForward(user, "");
    const auto* const forward = std::get_if<Forward>(&word);
    EXPECT_TRUE(!forward || forward->destinations.at(0).ToString() == "!");
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

}  // namespace
