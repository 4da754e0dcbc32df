// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/permission.hxx"

#include "command_fixture.hxx"
#include "programs/command/command_line.hxx"

namespace {

struct FindObjectionTest : CommandTest {
  [[nodiscard]] bool IsAllowed(const std::string& destination, const std::string& extension = "") const {
    auto request = MakeRequest(destination);
    request.extension = extension;
    return !command::FindObjection(request, user, settings);
  }
};

TEST_F(FindObjectionTest, AllowsWhatStandsInTheForwardFile) {
  user.uid = ::geteuid() == 0 ? 3000 : ::geteuid();
  EXPECT_FALSE(IsAllowed("|/bin/a x"));
  Write(".forward", "\"|/bin/a x\"\n:include:~/more\n");
  Write("more", "|/bin/b\n");
  Write(".forward+x", "|/bin/c\n");
  EXPECT_TRUE(IsAllowed("|/bin/a x"));
  EXPECT_TRUE(IsAllowed("|/bin/b"));
  EXPECT_TRUE(IsAllowed("|/bin/c", "x"));
  for (const auto* destination : {"|/bin/c", "|/bin/a", "|/bin/a x y", "|/bin/sh", "/bin/a x", "|"})
    EXPECT_FALSE(IsAllowed(destination)) << destination;
  EXPECT_FALSE(IsAllowed("|/bin/a x", "x"));
}

TEST_F(FindObjectionTest, AllowsTheMailboxCommandToEverybodyButRoot) {
  user.uid = 1000;
  settings.mailbox = "|/usr/bin/procmail";
  EXPECT_TRUE(IsAllowed("|/usr/bin/procmail"));
  EXPECT_FALSE(IsAllowed("|/usr/bin/procmail -x"));
  user.uid = 0;
  EXPECT_FALSE(IsAllowed("|/usr/bin/procmail"));
}

TEST_F(FindObjectionTest, AllowsTheUserOfAliasesAnythingAndRootNothing) {
  user = {"aliases", 998, 998, "/nonexistent"};
  EXPECT_TRUE(IsAllowed("|/bin/list"));
  user.uid = 0;
  EXPECT_FALSE(IsAllowed("|/bin/list"));
  user = {"root", 0, 0, home};
  Write(".forward", "|/bin/a\n");
  EXPECT_FALSE(IsAllowed("|/bin/a"));
}

TEST_F(FindObjectionTest, DefersWhereTheForwardFileCanNotBeTrusted) {
  user.uid = ::geteuid() == 0 ? 3000 : ::geteuid();
  Write(".forward", "|/bin/a\n", 0666);
  EXPECT_FALSE(IsAllowed("|/bin/a"));
}

TEST(FindCommand, LooksForNamesInThePath) {
  const auto found = command::FindCommand("|cat -n 'a b'");
  const auto* const line = std::get_if<command::CommandLine>(&found);
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->executable == "/usr/bin/cat" || line->executable == "/bin/cat") << line->executable;
  EXPECT_EQ(line->words, (std::vector<std::string>{"cat", "-n", "a b"}));
}

TEST(FindCommand, RefusesWhatIsNoCommand) {
  for (const auto* destination :
       {"", "cat", "|", "|  ", "|''", "|'cat", "|/etc", "|/etc/passwd", "|none/cat"})
    EXPECT_FALSE(std::holds_alternative<command::CommandLine>(command::FindCommand(destination)))
        << destination;
}

}  // namespace
