// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/connection.hxx"
#include "programs/relay/hold_board.hxx"
#include "programs/relay/job_queue.hxx"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace relay {

/// The messages that wait for one identity, and the connections that take them there.
///
/// The first connection goes alone: only when it stands do others follow, as long as messages wait. So a host
/// that is down costs one attempt, whose result all that wait get at once; and whoever asks soon after an
/// attempt that took long gets it, too, and those that have another relay to go to for longer. Each message
/// that is delivered allows one connection more, up to the most that the parameters allow; a server that puts
/// a message off, or takes no further connection, halves them.
///
/// A login that is refused for good is not tried again for kFirstLoginHold, then twice as long each time:
/// more attempts would have the account locked. All mail is deferred meanwhile. A new credential comes with a
/// new process.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  static constexpr std::size_t kJobsPerConnection = 4;  ///< so many waiting are worth one more connection
  static constexpr unsigned kMaxConnectionsOfJob = 20;  ///< for one message, one after the other
  static constexpr std::chrono::seconds kMaxHold{30};   ///< see above
  static constexpr int kShunFactor = 20;  ///< so many times what the attempt took, but at most kMaxShun,
                                          ///< those that have another relay pass by
  static constexpr std::chrono::minutes kMaxShun{10};
  static constexpr std::chrono::minutes kFirstLoginHold{15};
  static constexpr std::chrono::minutes kMaxLoginHold{240};

  /// Takes back a job that this relay does not take, and why not.
  using Refuse = std::function<void(std::unique_ptr<Job> job, const mail::DeliveryResult& why)>;

  /// @param network and @param holds outlive the pool
  Pool(asio::any_io_executor executor, Identity identity, const Parameters& parameters, Network& network,
       HoldBoard& holds, Refuse refuse);

  /// For all that begins from now on.
  void SetParameters(const Parameters& parameters) { parameters_ = parameters; }
  void Add(std::unique_ptr<Job> job);
  /// Drops what waits, and ends each connection after its transaction.
  void Stop();
  /// No connection, and no failure that is still remembered: it may be destroyed.
  [[nodiscard]] bool IsIdle() const noexcept;
  /// Identity::owner
  [[nodiscard]] const std::string& Owner() const noexcept { return identity_.owner; }
  /// The user has another secret by now, so the failures of this one mean nothing any more.
  [[nodiscard]] bool IsReplacedBy(const Identity& identity) const {
    return connections_ == 0 && identity.HasOtherSecretThan(identity_);
  }
  /// A connection has a message under way, or waits for one.
  [[nodiscard]] bool IsServing() const noexcept { return serving_ > 0; }

 private:
  using Clock = std::chrono::steady_clock;

  void Grow();
  void Wake();
  asio::awaitable<void> Work();
  asio::awaitable<void> Serve(Connection& connection);
  asio::awaitable<bool> DeliverNext(Connection& connection, bool fresh);
  asio::awaitable<std::unique_ptr<Job>> WaitForJob();
  std::unique_ptr<Job> TakeJob();
  [[nodiscard]] bool HasManyConnections() const noexcept;
  void AdjustLimit(const Job& job);
  void LogFault(const std::string& text);
  void OnRefused(const mail::DeliveryResult& why, smtp::LoginFault login, Clock::time_point begun);
  void Hold(const mail::DeliveryResult& why, Clock::duration duration, Clock::duration shun);
  void HoldForLogin(mail::DeliveryResult why);

  asio::any_io_executor executor_;
  const Identity identity_;
  Parameters parameters_;
  Network& network_;
  tls::Sessions sessions_;
  HoldBoard& holds_;
  Refuse refuse_;
  JobQueue waiting_;
  std::size_t connections_ = 0;            // all of them, the following included
  std::size_t opening_ = 0;                // not ready yet
  std::size_t serving_ = 0;                // ready
  std::size_t limit_ = 1;                  // of connections, for now
  std::vector<asio::steady_timer*> idle_;  // of connections without a message
  std::size_t waking_ = 0;                 // idle no longer, and on the way to take one
  mail::DeliveryResult hold_;
  Clock::time_point hold_until_{};
  Clock::time_point shun_until_{};  // for jobs that have another relay; not before hold_until_
  unsigned refused_logins_ = 0;     // one after the other
  HoldBoard::Entry login_hold_;     // there was a refused login, and
  asio::steady_timer forget_;       // when it is forgotten if nobody asks
  std::string logged_;  // the fault that the journal knows of; empty again when the relay takes mail
  bool stopping_ = false;
};

}  // namespace relay
