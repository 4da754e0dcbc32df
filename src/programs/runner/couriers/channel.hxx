// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "courier/packet.hxx"
#include "courier/protocol.hxx"
#include "queue/couriers.hxx"

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace runner {

using queue::Done;
using queue::Order;
using queue::Reply;
using queue::Results;

/// One connection to a courier: many requests under way, answered in any order. Each order's done is called
/// exactly once, never from within Deliver. Whatever is wrong with one order gives that one back, and no
/// other.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  /// What its owner is told.
  struct Events {
    std::function<void()> on_idle;      ///< the last request under way has been answered
    std::function<void()> on_closed;    ///< once, after every request has been given back
    std::function<void()> on_answer{};  ///< a request has been answered; may be empty
  };

  /// @param window the most requests under way; further ones wait here
  /// Throws std::system_error.
  Channel(asio::io_context& context, UniqueFd socket, std::size_t window, Events events);

  void Start();
  void Deliver(Order order);
  [[nodiscard]] bool IsIdle() const noexcept { return pending_.empty() && outgoing_.empty(); }
  [[nodiscard]] bool HasUnsent() const noexcept { return !outgoing_.empty(); }
  /// Gives back, as put off, what has not been sent.
  void PutOff();

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
  void SendSoon();
  void SendOutgoing();
  [[nodiscard]] courier::SendStatus Send(Order& order);
  void SendLater(courier::SendStatus why);
  void ReadLater();
  void TellIfIdle();

  asio::posix::stream_descriptor socket_;
  asio::steady_timer reading_later_;
  asio::steady_timer sending_later_;
  const std::size_t window_;
  Events events_;
  std::deque<Order> outgoing_;
  std::map<std::uint64_t, Pending> pending_;
  std::uint64_t next_serial_ = 1;
  bool sending_ = false;  ///< SendOutgoing will be called
};

}  // namespace runner
