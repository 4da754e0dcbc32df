// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/command.hxx"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using ctl::Command;

TEST(Command, IsParsed) {
  const struct {
    std::vector<const char*> arguments;
    Command::Verb verb;
    Command::Format format = Command::Format::Table;
  } cases[] = {
      {{}, Command::Verb::List},
      {{"list"}, Command::Verb::List},
      {{"list", "--mailq"}, Command::Verb::List, Command::Format::Mailq},
      {{"--json", "list"}, Command::Verb::List, Command::Format::Json},
      {{"--mailq"}, Command::Verb::List, Command::Format::Mailq},
      {{"flush"}, Command::Verb::Flush},
      {{"status"}, Command::Verb::Status},
      {{"check-aliases"}, Command::Verb::CheckAliases},
      {{"--warn", "check-aliases"}, Command::Verb::CheckAliases},
      {{"list", "--warn"}, Command::Verb::Bad},
      {{"check-aliases", "--json"}, Command::Verb::Bad},
      {{"route", "alice"}, Command::Verb::Route},
      {{"route", "--", "-a@b", "list"}, Command::Verb::Route},
      {{"route"}, Command::Verb::Bad},
      {{"route", "-f", "me@work.example", "alice"}, Command::Verb::Route},
      {{"route", "-f"}, Command::Verb::Bad},
      {{"route", "-f", "me"}, Command::Verb::Bad},
      {{"flush", "-f", "me"}, Command::Verb::Bad},
      {{"relay", "test"}, Command::Verb::TestRelay},
      {{"relay", "test", "work"}, Command::Verb::TestRelay},
      {{"setup", "me@x", "--host=mail.x", "--force"}, Command::Verb::SetUp},
      {{"setup", "--user", "me@x"}, Command::Verb::SetUp},
      {{"flush", "--user"}, Command::Verb::Bad},
      {{"setup"}, Command::Verb::Bad},
      {{"setup", "me@x", "you@x"}, Command::Verb::Bad},
      {{"setup", "me@x", "--host"}, Command::Verb::Bad},
      {{"setup", "me@x", "--host="}, Command::Verb::Bad},
      {{"relay", "test", "--host=x"}, Command::Verb::Bad},
      {{"relay"}, Command::Verb::Bad},
      {{"relay", "work"}, Command::Verb::Bad},
      {{"relay", "test", "work", "home"}, Command::Verb::Bad},
      {{"relay", "test", "--json"}, Command::Verb::Bad},
      {{"--help"}, Command::Verb::Help},
      {{"-h"}, Command::Verb::Help},
      {{"--version"}, Command::Verb::Version},
      {{""}, Command::Verb::Bad},
      {{"lst"}, Command::Verb::Bad},
      {{"list", "list"}, Command::Verb::Bad},
      {{"list", "flush"}, Command::Verb::Bad},
      {{"list", "--xml"}, Command::Verb::Bad},
      {{"flush", "ID", "ID2"}, Command::Verb::Flush},
      {{"flush", "-ID"}, Command::Verb::Bad},
      {{"ID", "flush"}, Command::Verb::Bad},
      {{"status", "ID"}, Command::Verb::Bad},
  };
  for (const auto& c : cases) {
    std::string name;
    for (const char* argument : c.arguments) name += std::string(argument) + " ";
    const Command command = ctl::ParseCommand(c.arguments);
    EXPECT_EQ(command.verb, c.verb) << name;
    EXPECT_EQ(command.format, c.format) << name;
    EXPECT_EQ(command.error.empty(), c.verb != Command::Verb::Bad) << name;
  }
  EXPECT_EQ(ctl::ParseCommand(std::vector<const char*>{"flush", "--json"}).verb, Command::Verb::Bad);
}

TEST(Command, FlushTakesQueueIds) {
  EXPECT_TRUE(ctl::ParseCommand(std::vector<const char*>{"flush"}).operands.empty());
  EXPECT_EQ(ctl::ParseCommand(std::vector<const char*>{"flush", "A", "B"}).operands,
            (std::vector<std::string>{"A", "B"}));
}

TEST(Command, RouteTakesASender) {
  const auto parse = [](std::vector<const char*> words) { return ctl::ParseCommand(words); };
  EXPECT_EQ(parse({"route", "a"}).sender, std::nullopt);
  EXPECT_EQ(parse({"route", "-f", "me@x", "a", "b"}).sender, "me@x");
  EXPECT_EQ(parse({"route", "--sender", "", "a"}).sender, "");
  EXPECT_EQ(parse({"route", "-f", "me@x", "--", "-f"}).operands, std::vector<std::string>{"-f"});
}

TEST(Command, SetupHasOptions) {
  const std::vector<const char*> words = {"setup", "--host=h", "me@x", "--login=l", "--name=n"};
  const auto setup = ctl::ParseCommand(words).setup;
  EXPECT_EQ(setup.address, "me@x");
  EXPECT_EQ(setup.host, "h");
  EXPECT_EQ(setup.login, "l");
  EXPECT_EQ(setup.name, "n");
  EXPECT_FALSE(setup.force || setup.user);
}
