// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <span>
#include <string>
#include <vector>

namespace ctl {

/// What mailqueuectl(1) is asked to do.
struct Command {
  enum class Verb { List, Flush, Route, Status, CheckAliases, Help, Version, Bad };
  enum class Format { Table, Mailq, Json };

  Verb verb = Verb::List;
  Format format = Format::Table;        ///< of List
  std::vector<std::string> operands{};  ///< of Flush: messages, none: all; of Route: addresses
  bool quiet = false;                   ///< of CheckAliases: only faults are printed
  std::string error{};                  ///< of Bad: what is wrong, for a person
};

/// @param arguments of main(), without the program's name
[[nodiscard]] Command ParseCommand(std::span<const char* const> arguments);

extern const char kHelp[];

}  // namespace ctl
