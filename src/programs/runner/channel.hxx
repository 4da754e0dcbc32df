// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "courier/packet.hxx"
#include "courier/protocol.hxx"

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace runner {

/// One result for each recipient of a request, in its order; empty: not attempted as far as is known.
using Results = std::vector<std::optional<mail::DeliveryResult>>;

/// What a courier says to a request.
struct Reply {
  Results results;
  std::optional<courier::Forward> forward{};       ///< instead of results, which are all empty then
  bool unreached = false;                          ///< courier::Answer::unreached
  std::vector<mail::RelayReport> reports{};        ///< instead of results, likewise
  std::optional<courier::OwnRelays> own_relays{};  ///< instead of results, likewise
  std::shared_ptr<const UniqueFd> credentials{};   ///< came with own_relays; null: none
};
using Done = std::function<void(const Reply&)>;

/// A request and what it needs on its way to a courier.
struct Order {
  courier::Request request;  ///< without serial
  UniqueFd message;
  Done done;
  std::shared_ptr<const UniqueFd> credentials{};  ///< of the request's owner; null: none
};

/// One connection to a courier: many requests under way, answered in any order. Each order's done
/// is called exactly once, never from within Deliver.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  /// @param on_idle called each time when the last request under way has been answered
  /// @param on_closed called once, after every request has been given back
  Channel(asio::io_context& context, UniqueFd socket, std::function<void()> on_idle,
          std::function<void()> on_closed);

  void Start();
  void Deliver(Order order);
  [[nodiscard]] bool IsIdle() const noexcept { return pending_.empty() && outgoing_.empty(); }

  /// Ends the conversation; whatever is unanswered is given back.
  /// @param verdict the result of each unanswered recipient; empty: not attempted
  void Close(const std::optional<mail::DeliveryResult>& verdict = {});

 private:
  struct Pending {
    Results results;
    std::size_t missing;
    Done done;
    bool unreached = false;
  };

  void WaitReadable();
  void OnReadable();
  void OnAnswer(courier::Packet packet);
  void Finish(std::map<std::uint64_t, Pending>::iterator found, const Reply& reply);
  void SendOutgoing();
  void WaitWritable();

  asio::posix::stream_descriptor socket_;
  std::function<void()> on_idle_;
  std::function<void()> on_closed_;
  std::deque<Order> outgoing_;
  std::map<std::uint64_t, Pending> pending_;
  std::uint64_t next_serial_ = 1;
  bool waiting_writable_ = false;
};

}  // namespace runner
