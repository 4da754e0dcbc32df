// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bus/queue_object.hxx"
#include "programs/runner/call_limit.hxx"
#include "programs/runner/settings_watch.hxx"
#include "queue/inspector.hxx"
#include "queue/intake.hxx"
#include "queue/queue_loader.hxx"
#include "queue/scheduler.hxx"

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace runner {

/// org.mailqueue.Queue1 in the runner's event loop. A bus that is not there, or goes away, is tried again
/// later; mail does not wait for it.
class BusLink final : private bus::QueueControl {
 public:
  BusLink(asio::io_context& context, queue::Scheduler& scheduler, queue::Inspector& inspector,
          queue::QueueLoader& loader, queue::Intake& intake, SettingsWatch& settings);
  ~BusLink();
  BusLink(const BusLink&) = delete;
  BusLink& operator=(const BusLink&) = delete;

  void Start();

  /// Releases the name, and answers what was asked before. Call it last.
  void Leave();

  static constexpr std::size_t kMaxRoutesOfOne = 4;  ///< calls of Route under way
  static constexpr std::size_t kMaxRoutes = 32;      ///< of all users but root

  /// No call has come since the last time this was asked.
  [[nodiscard]] bool IsQuiet();

 private:
  void List(std::optional<uid_t> only, std::string_view after,
            const std::function<bool(const bus::MessageStatus&)>& take) override;
  unsigned Flush(std::optional<uid_t> only) override;
  unsigned TryWaiting() override;
  void Route(std::string sender, std::vector<std::string> addresses, std::optional<uid_t> caller, uid_t user,
             std::stop_token gone, RouteDone done) override;
  void TestRelay(const std::string& name, TestDone done) override;
  bool FlushMessage(mail::QueueId id, std::optional<uid_t> only) override;
  unsigned Length() override;
  std::vector<std::string> Warnings(const Reader& reader) override;

  template <typename Done>
  auto Later(Done done);
  void Knock();
  void Greet();
  void Connect();
  void Process();
  void Wait();
  void OnLost(const std::string& why);
  void Disconnect();

  queue::Scheduler& scheduler_;
  queue::Inspector& inspector_;
  queue::QueueLoader& loader_;
  queue::Intake& intake_;
  SettingsWatch& settings_;
  std::optional<bus::QueueObject> object_;
  asio::local::stream_protocol::socket knock_;  ///< until the bus answers
  std::array<char, 256> answer_{};
  asio::posix::stream_descriptor socket_;  ///< borrowed from object_
  asio::steady_timer timer_;
  std::uint64_t calls_seen_ = 0;
  /// Shared with the answers that are still to come, of Route and TestRelay.
  std::shared_ptr<const int> asked_ = std::make_shared<int>();
  CallLimit routes_{kMaxRoutesOfOne, kMaxRoutes};
  CallLimit abandoned_{4 * kMaxRoutesOfOne, 4 * kMaxRoutes};  ///< and those that nobody waits for any more
};

}  // namespace runner
