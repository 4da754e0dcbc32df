// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/runner/bus_link.hxx"
#include "programs/runner/couriers/systemd_couriers.hxx"
#include "programs/runner/drop_watch.hxx"
#include "programs/runner/journal_log.hxx"
#include "programs/runner/mount_watch.hxx"
#include "programs/runner/routing.hxx"
#include "programs/runner/settings_watch.hxx"
#include "programs/runner/submit_server.hxx"
#include "programs/runner/system_clock.hxx"
#include "programs/runner/user_lookups.hxx"
#include "queue/environment.hxx"
#include "queue/inspector.hxx"
#include "queue/queue_loader.hxx"
#include "queue/scheduler.hxx"
#include "queue/spool_store.hxx"
#include "spool/drop_directory.hxx"
#include "spool/queue.hxx"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

namespace runner {

/// The parts together, and the runner's life: it stays while mail is waiting, lingers, and exits.
class Runner {
 public:
  /// Opens the spool. Throws std::system_error.
  Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Returns when there has been nothing to do for a while, or when systemd says stop.
  void Run();

 private:
  void Add(std::vector<mail::Envelope> envelopes);
  [[nodiscard]] queue::Environment MakeEnvironment();
  void WaitForSignal();
  void OnSignal(int signal);
  void OnChange();
  void OnLingered();
  [[nodiscard]] bool IsIdle() const noexcept;
  [[nodiscard]] bool HoldsMore() const;
  void Leave();
  void TellStatus() const;
  void FeedWatchdog();

  asio::io_context context_{1};
  asio::signal_set signals_;
  asio::steady_timer linger_;
  asio::steady_timer watchdog_;
  SettingsWatch settings_;
  spool::Queue queue_;
  spool::DropDirectory drops_;
  SystemClock clock_;
  JournalLog log_;
  queue::SpoolStore store_;
  Routing routing_;
  Routing explaining_;  ///< a thread of its own, so that no mail waits for who asks
  UserLookups users_;
  SystemdCouriers couriers_;
  queue::Scheduler scheduler_;
  queue::Inspector inspector_;
  queue::QueueLoader loader_;
  queue::Intake intake_;
  DropWatch drop_watch_;
  SubmitServer submit_server_;
  BusLink bus_;
  MountWatch mounts_;
  bool leaving_ = false;
};

}  // namespace runner
