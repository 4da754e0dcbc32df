// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"

#include <string>
#include <string_view>

namespace command {

/// How a unit's main process ended, in the words of systemd.exec(5), "Environment Variables Set or Propagated
/// by the Service Manager"; empty where there was none.
struct Ending {
  std::string service_result;  ///< $SERVICE_RESULT
  std::string exit_code;       ///< $EXIT_CODE: "exited", "killed", "dumped"
  std::string exit_status;     ///< $EXIT_STATUS: a number, or a signal's name
};

/// What that means for the recipient. An exit status is read as local::ResultOfExitStatus does; a command
/// that was killed, by its limits or anybody, is tried again, and so is one that systemd could not start.
/// @param what "command '/usr/bin/vacation'"
/// @param started the program in the unit has run
[[nodiscard]] mail::DeliveryResult ResultOf(const Ending& ending, bool started, const std::string& what);

}  // namespace command
