// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/couriers/home_watch.hxx"

#include "service/journal.hxx"

#include <syslog.h>

#include <exception>
#include <string>

namespace runner {

void HomeWatch::Await(uid_t uid) {
  const auto now = Clock::now();
  std::erase_if(asked_, [now](const auto& entry) { return entry.second + kInterval <= now; });
  if (!asked_.emplace(uid, now).second) return;
  const auto on_reply = [](const std::string& why) {
    if (!why.empty())
      service::Log(LOG_WARNING, "Nobody watches for a home directory: " + why + ", retrying as usual");
  };
  try {
    launcher_.Launch(courier::LaunchKind::AwaitHome, uid, {}, on_reply);
  } catch (const std::exception& e) {
    on_reply(e.what());
  }
}

}  // namespace runner
