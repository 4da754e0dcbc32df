// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/intake.hxx"
#include "queue/queue_loader.hxx"
#include "queue/scheduler.hxx"
#include "simulate/outside.hxx"
#include "spool/drop_directory.hxx"

#include <set>
#include <string>

namespace simulate {

/// One life of the runner: from its start to its end, or to where it is killed.
class Machine {
 public:
  /// Throws std::system_error where the spool can't be opened.
  Machine(World& world, Draw& draw, SimulatedClock& clock, SimulatedDisk& disk,
          std::function<void(const std::string&)> trace);

  void Start();
  /// A drop has got its name.
  void OnDrop(const std::string& name) { intake_.OnName(name); }
  void TakeStream(spool::Drop drop, queue::Intake::Reply reply) {
    intake_.TakeStream(std::move(drop), std::move(reply));
  }
  /// As root does it, or a mount.
  void Flush();
  void OnMountChange() { scheduler_.OnMountChange(); }
  void Flush(uid_t user) { static_cast<void>(scheduler_.Flush(user)); }

  /// Throws Violation if something waits that should not.
  void Check() const;
  /// Nothing is left to do, now or later.
  [[nodiscard]] bool IsAtRest() const {
    return !scheduler_.HasWork() && loader_.IsIdle() && intake_.IsIdle();
  }
  /// What waits, for a trace.
  [[nodiscard]] std::string Describe() const;
  [[nodiscard]] std::set<mail::QueueId> Queued() const;
  [[nodiscard]] SimulatedProcess& Process() noexcept { return process_; }
  [[nodiscard]] const spool::Queue& Queue() const noexcept { return queue_; }
  [[nodiscard]] std::size_t AddressesAsked() const noexcept { return router_.Asked(); }

 private:
  [[nodiscard]] queue::Environment MakeEnvironment();
  void Resume(mail::Envelope envelope);

  SimulatedClock& clock_;
  SimulatedProcess process_;
  Life life_;
  spool::DropDirectory drops_;
  spool::Queue queue_;
  TracedLog log_{life_};
  WatchedStore store_{life_, queue_};
  FixedSettings settings_;
  SimulatedRouter router_{life_};
  SimulatedUsers users_{life_};
  SimulatedCouriers couriers_{life_};
  queue::Scheduler scheduler_;
  queue::QueueLoader loader_;
  queue::Intake intake_;
};

}  // namespace simulate
