// SPDX-License-Identifier: BSD-2-Clause
#include "base/path_walk.hxx"

#include "base/file.hxx"
#include "home_fixture.hxx"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

namespace {

using Bounds = PathWalk::Bounds;

struct PathWalkTest : HomeTest {
  /// The text of the file that the path leads to, or the fault.
  [[nodiscard]] std::string Follow(const std::string& path, Bounds bounds = Bounds::Home) const {
    const auto opened = PathWalk(user, bounds).OpenFile(path);
    if (const auto* fault = std::get_if<PathFault>(&opened)) return "fault: " + fault->text;
    return ReadAll(std::get<UniqueFd>(opened), 1000);
  }
};

TEST_F(PathWalkTest, OfRootsFollowsLinksOfRootsAlone) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, who gives links away";
  ASSERT_EQ(::chmod(home.c_str(), 0777), 0);
  ASSERT_EQ(::chown(home.c_str(), 3000, 3000), 0);
  Write("file", "text");
  Link("file", "link");
  EXPECT_EQ(Follow(home + "/link", Bounds::Roots), "text");
  ASSERT_EQ(::lchown(PathOf("link").c_str(), 3000, 3000), 0);
  EXPECT_EQ(Follow(home + "/link", Bounds::Roots),
            "fault: Symbolic link 'link' belongs to uid 3000 instead of root");
  EXPECT_EQ(Follow(home + "/file", Bounds::Roots), "text")
      << "in somebody's own directory, open to everybody";
}

TEST_F(PathWalkTest, KnowsWhatItHasPassed) {
  Write("a/b/file", "deep");
  Link(home + "/a/b", "link");
  PathWalk walk(user, Bounds::Home);
  ASSERT_TRUE(std::holds_alternative<UniqueFd>(walk.OpenFile("link/file")));
  EXPECT_TRUE(walk.IsBelow(home));
  EXPECT_TRUE(walk.IsBelow(home + "/a"));
  EXPECT_FALSE(walk.IsBelow(home + "/a/b/file"));
  EXPECT_FALSE(walk.IsBelow(directory / "elsewhere"));
  EXPECT_FALSE(walk.IsBelow(directory / "none"));
}

TEST_F(PathWalkTest, SearchesNothingByGroupMailAlone) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes root, who gives directories away";
  user.uid = 3000;
  Write("shut/file", "text");
  ASSERT_EQ(::chown(PathOf("shut").c_str(), 0, FindGroup("mail").value()), 0);
  ASSERT_EQ(::chmod(PathOf("shut").c_str(), 0750), 0);
  EXPECT_NE(Follow("shut/file").find("Permission denied"), std::string::npos);
  EXPECT_TRUE(std::holds_alternative<UniqueFd>(
      PathWalk(user, Bounds::Everywhere, PathWalk::Rights::Lent).OpenDirectory(PathOf("shut"))));
}

TEST_F(PathWalkTest, FollowsWhatStaysInTheHome) {
  Write("file", "text");
  Write("a/b/file", "deep");
  Link("../file", "a/up");
  Link(home + "/a/b", "absolute");
  Link("absolute/../../file", "chain");
  const std::pair<const char*, const char*> kCases[] = {
      {"file", "text"}, {"./file", "text"},        {"a//b/file", "deep"}, {"a/../file", "text"},
      {"a/up", "text"}, {"absolute/file", "deep"}, {"chain", "text"},     {"/file", "text"}};
  for (const auto& [path, text] : kCases) EXPECT_EQ(Follow(path), text) << path;
}

TEST_F(PathWalkTest, DoesNotLeaveTheHome) {
  Write(directory / "elsewhere/file", "foreign");
  Link("../elsewhere/file", "up");
  Link(directory / "elsewhere/file", "absolute");
  Link(directory / "elsewhere", "directory");
  Link("/", "root");
  for (const auto* path :
       {"../elsewhere/file", "up", "absolute", "directory/file", "root/etc/passwd", "../home/x"})
    EXPECT_NE(Follow(path).find("out of the home directory"), std::string::npos)
        << path << ": " << Follow(path);
}

TEST_F(PathWalkTest, TellsWhatIsMissing) {
  Write("file", "text");
  Link("none", "dangling");
  Write("a/b/file", "text");
  Link("a/b", "folder");
  Link("folder/../none/b", "far");
  Link("file", "link");
  struct Case {
    const char* path;
    int code;
    bool in_link;
  };
  const Case kCases[] = {
      {"none", ENOENT, false},          {"none/file", ENOENT, false},   {"dangling", ENOENT, true},
      {"dangling/file", ENOENT, true},  {"far/file", ENOENT, true},     {"folder/none", ENOENT, false},
      {"folder/none/x", ENOENT, false}, {"file/below", ENOTDIR, false}, {"link/below", ENOTDIR, true}};
  for (const auto& [path, code, in_link] : kCases) {
    const auto opened = PathWalk(user, Bounds::Home).OpenFile(path);
    ASSERT_TRUE(std::holds_alternative<PathFault>(opened)) << path;
    EXPECT_EQ(std::get<PathFault>(opened).code, code) << path;
    EXPECT_EQ(std::get<PathFault>(opened).in_link, in_link) << path;
  }
}

TEST_F(PathWalkTest, EndsInACircle) {
  Link("b", "a");
  Link("a", "b");
  EXPECT_NE(Follow("a").find("too many symbolic links"), std::string::npos);
}

TEST_F(PathWalkTest, OpensNothingButRegularFiles) {
  ASSERT_EQ(::mkfifo(PathOf("fifo").c_str(), 0600), 0);
  Link("/dev/zero", directory / "elsewhere/zero");
  EXPECT_NE(Follow("fifo").find("not a regular file"), std::string::npos);
  EXPECT_NE(Follow("").find("not a regular file"), std::string::npos);
  for (const auto& path : {std::string("/dev/zero"), std::string("/dev/full"), directory / "elsewhere/zero"})
    EXPECT_NE(Follow(path, Bounds::Everywhere).find("not a regular file"), std::string::npos) << path;
}

TEST_F(PathWalkTest, OpensDirectories) {
  Write("a/file", "text");
  for (const auto* path : {"", "/", "a", "a/", "a/.."})
    EXPECT_TRUE(std::holds_alternative<UniqueFd>(PathWalk(user, Bounds::Home).OpenDirectory(path))) << path;
  EXPECT_FALSE(std::holds_alternative<UniqueFd>(PathWalk(user, Bounds::Home).OpenDirectory("a/file")));
}

TEST_F(PathWalkTest, TakesNoWayThatOthersCanChange) {
  Write(directory / "elsewhere/file", "text");
  const auto path = directory / "elsewhere/file";
  const auto set_mode = [this](mode_t mode) {
    ASSERT_EQ(::chmod((directory / "elsewhere").c_str(), mode), 0);
  };
  EXPECT_EQ(Follow(path, Bounds::Everywhere), "text");
  set_mode(0777);
  EXPECT_NE(Follow(path, Bounds::Everywhere).find("written by everybody"), std::string::npos);
  set_mode(01777);
  EXPECT_EQ(Follow(path, Bounds::Everywhere), "text");
  if (::geteuid() != 0) GTEST_SKIP() << "takes root from here on";
  ASSERT_EQ(::chown((directory / "elsewhere").c_str(), 4000, 4000), 0);
  EXPECT_NE(Follow(path, Bounds::Everywhere).find("belongs to uid 4000"), std::string::npos);
  ASSERT_EQ(::chown((directory / "elsewhere").c_str(), 0, 0), 0);
  Link("elsewhere", directory / "link");
  EXPECT_EQ(Follow(directory / "link/file", Bounds::Everywhere), "text");
  ASSERT_EQ(::lchown((directory / "link").c_str(), 4000, 4000), 0);
  EXPECT_NE(Follow(directory / "link/file", Bounds::Everywhere).find("Symbolic link"), std::string::npos);
}

// Another process swaps a directory of the way for a link out of the home all the time.
TEST_F(PathWalkTest, OpensNothingElseHoweverTheWayIsSwapped) {
  Write("a/file", "own");
  Write(directory / "elsewhere/file", "foreign");
  Link(directory / "elsewhere", "link");
  const std::string names[] = {PathOf("a"), PathOf("link")};
  const pid_t child = ::fork();
  if (child == 0)
    while (true)
      static_cast<void>(::renameat2(AT_FDCWD, names[0].c_str(), AT_FDCWD, names[1].c_str(), RENAME_EXCHANGE));
  unsigned followed = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto text = Follow("a/file");
    EXPECT_NE(text, "foreign");
    followed += text == "own";
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_GT(followed, 0u);
}

TEST(FindDistrust, AsksForTheUsersOwnOrRootsAlone) {
  const User alice{"alice", 1000, 1000, "/home/alice"};
  struct Case {
    uid_t uid;
    gid_t gid;
    mode_t mode;
    bool trusted;
  };
  const Case kCases[] = {{1000, 1000, 0644, true},  {0, 0, 0644, true},        {0, 0, 0664, true},
                         {1000, 1000, 0646, false}, {1001, 1000, 0644, false}, {1000, 100, 0664, false},
                         {0, 100, 0664, false},     {1000, 1000, 01777, false}};
  for (const auto& expected : kCases) {
    struct stat status {};
    status.st_uid = expected.uid;
    status.st_gid = expected.gid;
    status.st_mode = expected.mode | S_IFREG;
    EXPECT_EQ(!FindDistrust(status, alice), expected.trusted) << expected.uid << " " << expected.mode;
  }
}

TEST(BelowHome, IsWhatFollowsTheHome) {
  const User alice{"alice", 1000, 1000, "/home/alice/"};
  EXPECT_EQ(BelowHome("/home/alice/a/b", alice), "a/b");
  for (const auto* path : {"/home/alice", "/home/alice2/a", "a", "", "/home/alice/"})
    EXPECT_EQ(BelowHome(path, alice), "") << path;
  EXPECT_EQ(BelowHome("/a", {"x", 1, 1, "/"}), "");
}

}  // namespace
