// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "courier/launch.hxx"
#include "paths.h"

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace runner {

/// The connection to mailqueue-launcher, which starts what runs as a user. It is kept while somebody holds
/// it.
class LauncherLink {
 public:
  /// @param why empty: the agent is being started
  using Reply = std::function<void(const std::string& why)>;

  /// @param path of the launcher's socket
  explicit LauncherLink(asio::io_context& context, std::string path = MAILQUEUE_RUNDIR "/launcher")
      : context_(context), later_(context), path_(std::move(path)) {}

  /// @param agent_end handed over to the agent as its standard input
  /// @param on_reply called at most once; where the launcher dies without a word the other end of
  ///   @p agent_end sees it closed
  /// Throws std::system_error if the launcher can't be reached.
  void Launch(courier::LaunchKind kind, uid_t uid, UniqueFd agent_end, Reply on_reply);

  void Hold() noexcept { ++holders_; }
  /// Closes the connection when the last one lets go.
  void LetGo();

 private:
  void Open();
  void Close();
  void WaitReadable();
  void ReadLater();
  void OnReadable();

  asio::io_context& context_;
  asio::steady_timer later_;
  const std::string path_;
  std::optional<asio::posix::stream_descriptor> socket_;
  std::map<std::uint64_t, Reply> pending_;
  std::uint64_t next_serial_ = 1;
  std::size_t holders_ = 0;
};

}  // namespace runner
