// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/intake.hxx"
#include "spool/drop_directory.hxx"

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>

namespace runner {

/// Tells the intake of each name that appears in drop/, so that the directory need not be listed for each.
class DropWatch {
 public:
  /// @param intake outlives this
  /// Throws std::system_error.
  DropWatch(asio::io_context& context, const spool::DropDirectory& drops, queue::Intake& intake);

  /// Also has the intake look at what is there.
  void Start();

 private:
  void Wait();
  void ReadNames();

  asio::io_context& context_;
  asio::posix::stream_descriptor changes_;  ///< inotify(7)
  queue::Intake& intake_;
};

}  // namespace runner
