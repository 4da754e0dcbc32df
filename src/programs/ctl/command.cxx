// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/command.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <string_view>

namespace ctl {

namespace {

struct Word {
  std::string_view text;
  Command::Verb verb;
};
constexpr Word kVerbs[] = {
    {"list", Command::Verb::List},
    {"route", Command::Verb::Route},
    {"flush", Command::Verb::Flush},
    {"status", Command::Verb::Status},
    {"help", Command::Verb::Help},
    {"--help", Command::Verb::Help},
    {"-h", Command::Verb::Help},
    {"--version", Command::Verb::Version},
    {"check-aliases", Command::Verb::CheckAliases},
};

Command Bad(std::string error) {
  return {.verb = Command::Verb::Bad, .error = std::move(error)};
}

}  // namespace

const char kHelp[] =
    "mailqueuectl [list] [--mailq|--json]  list the mail in the queue\n"
    "mailqueuectl flush [ID...]            try all waiting mail now, or these messages\n"
    "mailqueuectl route ADDRESS...         show where addresses lead, and send nothing\n"
    "mailqueuectl status                   show the length of the queue and mistakes in the configuration\n"
    "mailqueuectl check-aliases [--quiet]  show mistakes in the file of aliases\n"
    "mailqueuectl --help | --version\n"
    "\n"
    "root acts on all mail, everybody else on the mail that he submitted. See mailqueuectl(1).\n";

Command ParseCommand(std::span<const char* const> arguments) {
  Command command;
  bool has_verb = false;
  for (const std::string_view argument : arguments) {
    const auto* const word = std::ranges::find(kVerbs, argument, &Word::text);
    if (has_verb && command.verb == Command::Verb::Route) {
      if (argument != "--") command.operands.emplace_back(argument);
    } else if (word != std::end(kVerbs) && !has_verb) {
      command.verb = word->verb;
      has_verb = true;
    } else if (argument == "--mailq") {
      command.format = Command::Format::Mailq;
    } else if (argument == "--quiet") {
      command.quiet = true;
    } else if (argument == "--json") {
      command.format = Command::Format::Json;
    } else if (command.verb == Command::Verb::Flush && !argument.starts_with('-')) {
      command.operands.emplace_back(argument);
    } else {
      return Bad("Unexpected argument " + Quote(argument) + ", see mailqueuectl --help");
    }
  }
  if (command.verb == Command::Verb::Route && command.operands.empty()) return Bad("route takes addresses");
  const bool plain = command.format == Command::Format::Table;
  if (command.verb != Command::Verb::List && !plain) return Bad("--mailq and --json are options of list");
  if (command.verb != Command::Verb::CheckAliases && command.quiet)
    return Bad("--quiet is an option of check-aliases");
  return command;
}

}  // namespace ctl
