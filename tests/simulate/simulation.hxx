// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "simulate/machine.hxx"
#include "unit/spool/simulated_spool.hxx"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace simulate {

/// What a run has besides mail.
struct Options {
  bool steps = false;  ///< somebody sets the wall clock
};

/// A machine with its users and relays for some days, all of it drawn from a seed: submissions, failing calls
/// of the disk, crashes, power failures, couriers and users of every kind. After it everything is well again,
/// and what was acknowledged must have come to its end.
class Simulation {
 public:
  /// @param trace called with each line of what happens
  Simulation(std::uint64_t seed, const Options& options, std::function<void(const std::string&)> trace);

  /// Throws Violation.
  void Run();

  [[nodiscard]] std::size_t Submitted() const noexcept { return world_.Submissions().size(); }
  [[nodiscard]] std::size_t Delivered() const noexcept { return world_.Delivered(); }
  [[nodiscard]] unsigned Crashes() const noexcept { return crashes_; }

 private:
  void Act();
  void Submit();
  void SubmitFile(const Submission& submission, const mail::Envelope& envelope, uid_t uid);
  void SubmitStream(const Submission& submission, const mail::Envelope& envelope, uid_t uid);
  void LetTimePass();
  void SetTheClock();
  void FailCalls();
  void Start();
  void End(bool power);
  void RunSome();
  void Settle();
  void Check();
  void FinishAll();
  [[nodiscard]] std::set<mail::QueueId> InDrop() const;
  void Trace(const std::string& what);

  Draw draw_;
  Options options_;
  std::function<void(const std::string&)> trace_;
  SimulatedClock clock_{draw_};
  World world_{draw_};
  SimulatedSpool spool_;
  std::unique_ptr<Machine> machine_;
  std::optional<unsigned> until_crash_;  ///< calls of clock and couriers
  unsigned faults_ = 0;                  ///< steps that calls fail for
  unsigned crashes_ = 0;
  unsigned number_ = 0;  ///< of the last message
};

}  // namespace simulate
