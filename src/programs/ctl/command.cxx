// SPDX-License-Identifier: BSD-2-Clause
#include "programs/ctl/command.hxx"

#include "base/text.hxx"

#include <algorithm>
#include <string_view>
#include <utility>

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
    {"relay", Command::Verb::TestRelay},
    {"setup", Command::Verb::SetUp},
};

Command Bad(std::string error) {
  return {.verb = Command::Verb::Bad, .error = std::move(error)};
}

// Whether the words behind the verb are operands, options aside.
bool TakesOperands(Command::Verb verb) noexcept {
  return verb == Command::Verb::Flush || verb == Command::Verb::TestRelay || verb == Command::Verb::SetUp;
}

std::string FaultOf(const Command& command) {
  using Verb = Command::Verb;
  if (command.verb == Verb::Route && command.operands.empty()) return "route takes addresses";
  if (command.verb != Verb::Route && command.sender) return "-f is an option of route";
  if (command.verb != Verb::List && command.format != Command::Format::Table)
    return "--mailq and --json are options of list";
  if (command.verb != Verb::CheckAliases && command.only_warns) return "--warn is an option of check-aliases";
  if (command.verb == Verb::TestRelay &&
      (command.operands.empty() || command.operands[0] != "test" || command.operands.size() > 2))
    return "relay takes the word test, and perhaps the name of a section";
  if (command.verb == Verb::SetUp && command.operands.size() != 1) return "setup takes an address";
  return {};
}

/// Takes the words one after the other.
class Parser {
 public:
  /// False if the word makes no sense.
  bool Take(std::string_view word);
  [[nodiscard]] bool IsWhole() const noexcept { return !wants_sender_; }
  [[nodiscard]] Command Finish() noexcept { return std::move(command_); }

 private:
  bool TakeOfRoute(std::string_view word);
  bool TakeOption(std::string_view word);
  bool TakeSetupOption(std::string_view word);

  Command command_;
  bool has_verb_ = false;
  bool wants_sender_ = false;
  bool only_addresses_ = false;
};

// After the first address, or "--", everything is an address.
bool Parser::TakeOfRoute(std::string_view word) {
  if (wants_sender_) {
    command_.sender = word;
    wants_sender_ = false;
  } else if (!only_addresses_ && (word == "-f" || word == "--sender")) {
    wants_sender_ = true;
  } else if (!only_addresses_ && word == "--") {
    only_addresses_ = true;
  } else {
    command_.operands.emplace_back(word);
    only_addresses_ = true;
  }
  return true;
}

bool Parser::TakeSetupOption(std::string_view word) {
  const struct {
    std::string_view prefix;
    std::string& field;
  } options[] = {
      {"--host=", command_.setup.host}, {"--login=", command_.setup.login}, {"--name=", command_.setup.name}};
  for (const auto& [prefix, field] : options) {
    if (!word.starts_with(prefix) || word.size() == prefix.size()) continue;
    field = word.substr(prefix.size());
    return true;
  }
  command_.setup.force |= word == "--force";
  command_.setup.user |= word == "--user";
  return word == "--force" || word == "--user";
}

bool Parser::TakeOption(std::string_view word) {
  if (command_.verb == Command::Verb::SetUp) return TakeSetupOption(word);
  if (word == "--mailq")
    command_.format = Command::Format::Mailq;
  else if (word == "--json")
    command_.format = Command::Format::Json;
  else if (word == "--warn")
    command_.only_warns = true;
  else
    return false;
  return true;
}

bool Parser::Take(std::string_view word) {
  if (has_verb_ && command_.verb == Command::Verb::Route) return TakeOfRoute(word);
  const auto* const verb = std::ranges::find(kVerbs, word, &Word::text);
  if (verb != std::end(kVerbs) && !has_verb_) {
    command_.verb = verb->verb;
    has_verb_ = true;
    return true;
  }
  if (!TakesOperands(command_.verb) || word.starts_with('-')) return TakeOption(word);
  command_.operands.emplace_back(word);
  return true;
}

}  // namespace

const char kHelp[] =
    "mailqueuectl [list] [--mailq|--json]  list the mail in the queue\n"
    "mailqueuectl flush [ID...]            try all waiting mail now, or these messages\n"
    "mailqueuectl route [-f SENDER] ADDRESS...\n"
    "                                      show where addresses lead, and send nothing\n"
    "mailqueuectl relay test [NAME]        log in to the relays of [Relay] or [Relay.NAME], and send "
    "nothing\n"
    "mailqueuectl setup [--user] ADDRESS [--host=HOST] [--login=NAME] [--name=NAME] [--force]\n"
    "                                      have mail go to a provider, with a password; all, or your own\n"
    "mailqueuectl status                   show the length of the queue and mistakes in the configuration\n"
    "mailqueuectl check-aliases [--warn]   show mistakes in the file of aliases\n"
    "mailqueuectl --help | --version\n"
    "\n"
    "root acts on all mail, everybody else on the mail that they submitted. See mailqueuectl(1).\n";

Command ParseCommand(std::span<const char* const> arguments) {
  Parser parser;
  for (const std::string_view argument : arguments)
    if (!parser.Take(argument))
      return Bad("Unexpected argument " + Quote(argument) + ", see mailqueuectl --help");
  if (!parser.IsWhole()) return Bad("-f takes the address of a sender");
  auto command = parser.Finish();
  if (auto fault = FaultOf(command); !fault.empty()) return Bad(std::move(fault));
  if (command.verb == Command::Verb::SetUp) command.setup.address = command.operands[0];
  return command;
}

}  // namespace ctl
