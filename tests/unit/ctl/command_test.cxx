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
      {{"--quiet", "check-aliases"}, Command::Verb::CheckAliases},
      {{"list", "--quiet"}, Command::Verb::Bad},
      {{"check-aliases", "--json"}, Command::Verb::Bad},
      {{"route", "alice"}, Command::Verb::Route},
      {{"route", "--", "-a@b", "list"}, Command::Verb::Route},
      {{"route"}, Command::Verb::Bad},
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
