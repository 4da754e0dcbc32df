// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/ctl/setup.hxx"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ctl {

/// The command line of mailqueuectl(1).
struct Command {
  enum class Verb { List, Flush, Route, Status, CheckAliases, TestRelay, SetUp, Help, Version, Bad };
  enum class Format { Table, Mailq, Json };

  Verb verb = Verb::List;
  Format format = Format::Table;        ///< of List
  std::vector<std::string> operands{};  ///< of Flush: messages, none: all; of Route: addresses; of TestRelay:
                                        ///< the name of a section, none: [Relay]
  std::optional<std::string> sender{};  ///< of Route: of mail to the addresses; empty: who calls
  SetupOptions setup{};                 ///< of SetUp
  bool only_warns = false;              ///< of CheckAliases: as newaliases, whose callers stop at a failure
  std::string error{};                  ///< of Bad: what is wrong, for a person
};

/// @param arguments of main(), without the program's name
[[nodiscard]] Command ParseCommand(std::span<const char* const> arguments);

extern const char kHelp[];

}  // namespace ctl
