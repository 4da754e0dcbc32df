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
#include <string>
#include <string_view>

namespace launcher {

/// Turns a request into a unit, or refuses it. What it may start is all in launcher.cxx.
///
/// A unit is started for anybody in the user database: people, root, and system users, who get mail, too
/// (www-data's cron jobs). Exceptions:
///
/// - the mail system's own users (mailqueue, mailqueue-*), except the one for aliases: an agent that runs as
///   the same user as the runner, the relay or a token's command could be used against them;
/// - the peer's own uid, whatever its name, where that is not root;
/// - a uid that systemd has lent to a running service (DynamicUser=).
class Launcher {
 public:
  /// Asks systemd; as bus::Manager::StartTransientService.
  using Start = std::function<bus::Manager::Start(const bus::TransientService&, FdRef)>;
  /// Like bus::Manager::StartUnit.
  using StartUnit = std::function<void(const std::string&)>;
  using LookUp = std::function<std::optional<User>(uid_t)>;

  /// @param first_number the first unit's number, larger than those used before on this boot
  Launcher(Start start, StartUnit start_unit, LookUp look_up, std::uint64_t first_number)
      : start_(std::move(start)),
        start_unit_(std::move(start_unit)),
        look_up_(std::move(look_up)),
        number_(first_number) {}

  /// Never throws: what goes wrong is the reply.
  /// @param agent_end becomes the agent's standard input; empty if none came
  /// @param peer whose request it is
  [[nodiscard]] courier::LaunchReply Handle(std::string_view text, FdRef agent_end, uid_t peer) noexcept;

 private:
  [[nodiscard]] courier::LaunchReply Launch(const courier::LaunchRequest& request, FdRef agent_end,
                                            uid_t peer);
  [[nodiscard]] courier::LaunchReply StartService(const courier::LaunchRequest& request, FdRef agent_end,
                                                  const User& user);
  [[nodiscard]] courier::LaunchReply AwaitHome(const courier::LaunchRequest& request, const User& user);

  Start start_;
  StartUnit start_unit_;
  LookUp look_up_;
  std::uint64_t number_;
};

/// The unit to start for @p user, mailqueue-deliver-UID-NUMBER.service or
/// mailqueue-command-UID-NUMBER.service.
/// @param kind Deliver or Command
[[nodiscard]] bus::TransientService MakeService(courier::LaunchKind kind, const User& user,
                                                std::uint64_t number);

/// The instance of mailqueue-home@.path that watches for a home directory (systemd.unit(5), "String Escaping
/// for Inclusion in Unit Names"). Empty for a path that can't be an instance's name.
[[nodiscard]] std::string NameOfHomeUnit(std::string_view home);

}  // namespace launcher
