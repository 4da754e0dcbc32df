// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace command {

/// A command as it is run, and nothing of the mail in it.
struct CommandLine {
  std::string executable;          ///< path of a file
  std::vector<std::string> words;  ///< argv, the command's name as it was written first
};

/// The directories in which a name without a slash is looked up; PATH of the command.
constexpr std::string_view kPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/// @param destination "|COMMAND LINE"
/// @return a DeliveryResult (Deferred) that names what can't be run, and why
[[nodiscard]] std::variant<CommandLine, mail::DeliveryResult> FindCommand(std::string_view destination);

/// "command '/usr/bin/vacation'": how results call what @p destination names.
[[nodiscard]] std::string NameOfCommand(std::string_view destination);

}  // namespace command
