// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "bus/sdbus.hxx"
#include "service/journal.hxx"

#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

/// The calls of a connection that are answered later. Included only by sources of this folder.
namespace bus {

/// Owns what answers these calls. A sdbus::Result uses the connection even when it is destroyed, so it must
/// not outlive it, while whoever finds the answer may: they get an Answer, which is empty once the connection
/// is gone. Declare it behind the connection.
class PendingCalls {
  template <typename Reply>
  struct Pending;
  template <typename Reply>
  struct Ticket;

 public:
  template <typename Reply>
  class Answer;

  PendingCalls() = default;
  PendingCalls(const PendingCalls&) = delete;
  PendingCalls& operator=(const PendingCalls&) = delete;

  /// @param caller the name on the bus of who waits
  template <typename Reply>
  [[nodiscard]] Answer<Reply> Add(sdbus::Result<Reply>&& result, std::string caller) {
    const auto pending = std::make_shared<Pending<Reply>>(*this, ++last_, std::move(result));
    calls_.emplace(last_, Call{std::move(caller), pending});
    return Answer<Reply>(std::make_shared<Ticket<Reply>>(pending));
  }

  /// Forgets the calls of callers that have left the bus.
  void OnCallerGone(const std::string& caller) {
    std::map<std::uint64_t, Call> gone;
    for (auto call = calls_.begin(); call != calls_.end();) {
      const auto next = std::next(call);
      if (call->second.caller == caller) gone.insert(calls_.extract(call));
      call = next;
    }
  }

 private:
  template <typename Reply>
  struct Pending {
    Pending(PendingCalls& in, std::uint64_t n, sdbus::Result<Reply>&& r)
        : calls(in), number(n), result(std::move(r)) {}
    ~Pending() { gone.request_stop(); }
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
    PendingCalls& calls;
    std::uint64_t number;
    sdbus::Result<Reply> result;
    std::stop_source gone;
  };

  /// Shared by the copies of an Answer. A call that nobody can answer any more is forgotten.
  template <typename Reply>
  struct Ticket {
    explicit Ticket(std::weak_ptr<Pending<Reply>> p) noexcept : pending(std::move(p)) {}
    ~Ticket() { Take(); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

    /// @return null if it was taken before, or the connection is gone
    std::shared_ptr<Pending<Reply>> Take() {
      auto taken = std::exchange(pending, {}).lock();
      if (taken) taken->calls.calls_.erase(taken->number);
      return taken;
    }

    std::weak_ptr<Pending<Reply>> pending;
  };

  struct Call {
    std::string caller;
    std::shared_ptr<void> pending;  ///< Pending<Reply>
  };
  std::map<std::uint64_t, Call> calls_;
  std::uint64_t last_ = 0;
};

/// The right to answer one call, once. When all copies are gone, the call stays without an answer.
template <typename Reply>
class PendingCalls::Answer {
 public:
  explicit Answer(std::shared_ptr<Ticket<Reply>> ticket) noexcept : ticket_(std::move(ticket)) {}

  /// Says when nobody waits any more: the call has been answered, or the caller or the connection is gone.
  [[nodiscard]] std::stop_token Gone() const {
    const auto pending = ticket_->pending.lock();
    return pending ? pending->gone.get_token() : std::stop_token();
  }

  /// Does nothing if nobody waits any more. An answer that can't be sent is logged: the caller has gone, or
  /// the next Process() finds that the connection has.
  /// @param make returns the reply, or throws sdbus::Error for the caller
  template <typename Make>
  void Give(Make make) const {
    const auto pending = ticket_->Take();
    if (!pending) return;
    try {
      Send(pending->result, make);
    } catch (const sdbus::Error& error) {
      service::Log(LOG_WARNING, "Failed to answer a call on the bus: " + error.getMessage() + ", ignoring");
    }
  }

 private:
  template <typename Make>
  static void Send(const sdbus::Result<Reply>& result, Make make) {
    try {
      result.returnResults(make());
    } catch (const sdbus::Error& error) {
      result.returnError(error);
    }
  }

  std::shared_ptr<Ticket<Reply>> ticket_;
};

}  // namespace bus
