// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/command_line.hxx"

#include <gtest/gtest.h>

namespace {

TEST(FindCommand, LooksForNamesInThePath) {
  const auto found = command::FindCommand("|cat -n 'a b'");
  const auto* const line = std::get_if<command::CommandLine>(&found);
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->executable == "/usr/bin/cat" || line->executable == "/bin/cat") << line->executable;
  EXPECT_EQ(line->words, (std::vector<std::string>{"cat", "-n", "a b"}));
}

TEST(FindCommand, RefusesWhatIsNoCommand) {
  for (const auto* destination :
       {"", "cat", "|", "|  ", "|''", "|'cat", "|/etc", "|/etc/passwd", "|none/cat", "|no-such-command-here"})
    EXPECT_FALSE(std::holds_alternative<command::CommandLine>(command::FindCommand(destination)))
        << destination;
}

}  // namespace
