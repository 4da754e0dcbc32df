// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "base/user.hxx"
#include "bus/manager.hxx"
#include "courier/launch.hxx"

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace launcher {

/// Turns a request into a transient unit, or refuses it. What it may start is all in launcher.cxx.
///
/// A unit is started for anybody in the user database: people, root, and system users, who get mail, too
/// (www-data's cron jobs). The one exception is the peer's own uid where that is not root: a process of group
/// mail that the runner could signal, or worse, would be worth breaking into.
class Launcher {
 public:
  /// Asks systemd; as bus::Manager::StartTransientService.
  using Start = std::function<bus::Manager::Start(const bus::TransientService&, FdRef)>;
  using LookUp = std::function<std::optional<User>(uid_t)>;

  /// @param first_number the first unit's number, larger than those used before on this boot
  Launcher(Start start, LookUp look_up, std::uint64_t first_number)
      : start_(std::move(start)), look_up_(std::move(look_up)), number_(first_number) {}

  /// Never throws: what goes wrong is the reply.
  /// @param agent_end becomes the agent's standard input; empty if none came
  /// @param peer whose request it is
  [[nodiscard]] courier::LaunchReply Handle(std::string_view text, FdRef agent_end, uid_t peer) noexcept;

 private:
  [[nodiscard]] courier::LaunchReply Launch(const courier::LaunchRequest& request, FdRef agent_end,
                                            uid_t peer);

  Start start_;
  LookUp look_up_;
  std::uint64_t number_;
};

/// What runs for @p user, as mailqueue-deliver-UID-NUMBER.service.
[[nodiscard]] bus::TransientService MakeService(const User& user, std::uint64_t number);

}  // namespace launcher
