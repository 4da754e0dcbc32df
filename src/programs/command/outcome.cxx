// SPDX-License-Identifier: BSD-2-Clause
#include "programs/command/outcome.hxx"

#include "base/text.hxx"
#include "local/exit_status.hxx"

#include <algorithm>
#include <iterator>

namespace command {

namespace {

struct Limit {
  std::string_view service_result;
  const char* text;
};

// These results of a service decide, whatever the exit status is.
constexpr Limit kLimits[] = {
    {"oom-kill", "used too much memory and was killed"},
    {"watchdog", "was killed by the watchdog"},
    {"resources", "could not be started: resources are missing"},
    {"protocol", "could not be started"},
    {"start-limit-hit", "was started too often"},
    {"exec-condition", "was not started"},
};

mail::DeliveryResult Defer(const std::string& text) {
  return mail::Deferred("4.3.0", text);
}

}  // namespace

mail::DeliveryResult ResultOf(const Ending& ending, bool started, const std::string& what) {
  const auto* const limit = std::ranges::find(kLimits, ending.service_result, &Limit::service_result);
  if (limit != std::end(kLimits)) return Defer(what + " " + limit->text);
  if (!started)
    return Defer(what + " could not be started: systemd gave up with status " + Quote(ending.exit_status));
  // If the command itself had ended before, what reached the limit was a process that it left running.
  if (ending.service_result == "timeout" && ending.exit_code != "exited")
    return Defer(what + " was stopped, or ran for too long, and was killed");
  if (ending.exit_code == "killed" || ending.exit_code == "dumped")
    return Defer(what + " was killed by SIG" + ending.exit_status +
                 (ending.exit_status == "KILL" ? ", perhaps because it used too much memory" : ""));
  const auto status = ParseNumber<int>(ending.exit_status);
  if (ending.exit_code != "exited" || !status)
    return Defer(what + " ended, but nobody knows how: " + Quote(ending.service_result));
  return local::ResultOfExitStatus(*status, what);
}

}  // namespace command
