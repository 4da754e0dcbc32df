// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <set>

namespace runner {

/// Tells when something has been mounted or unmounted (proc(5), /proc/PID/mountinfo): it may be a home
/// directory, and a path unit would not see it. Mounts within the directories that the runner itself can't
/// see are told, too; those of the system, below /run and the like, are not: the credentials of the relay are
/// one, and what it is started for must not have mail tried that it is started for.
class MountWatch {
 public:
  /// Behind the last change: systemd-homed activates a home a little later than it mounts it.
  static constexpr std::chrono::seconds kAfterwards{3};

  /// @param on_change called soon after each change, and once more kAfterwards
  MountWatch(asio::io_context& context, std::function<void()> on_change);

  /// Where mounts can't be told, the journal says so.
  void Start();

 private:
  void Open();
  void Wait();
  void Look();
  template <typename Step>
  void Try(Step step);
  [[nodiscard]] std::set<std::size_t> Mounts();

  asio::posix::stream_descriptor mountinfo_;
  asio::steady_timer afterwards_;
  std::function<void()> on_change_;
  std::set<std::size_t> mounts_;  ///< a digest of each
};

}  // namespace runner
