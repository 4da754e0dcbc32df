// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/channel.hxx"

#include "service/journal.hxx"

#include <asio/post.hpp>

#include <syslog.h>

#include <exception>
#include <utility>

namespace runner {

Channel::Channel(asio::io_context& context, UniqueFd socket, std::function<void()> on_idle,
                 std::function<void()> on_closed)
    : socket_(context, socket.Release()), on_idle_(std::move(on_idle)), on_closed_(std::move(on_closed)) {
  socket_.non_blocking(true);
}

void Channel::Start() {
  WaitReadable();
}

void Channel::Deliver(Order order) {
  order.request.serial = next_serial_++;
  outgoing_.push_back(std::move(order));
  if (waiting_writable_) return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->SendOutgoing(); });
}

void Channel::SendOutgoing() {
  try {
    while (!outgoing_.empty() && socket_.is_open()) {
      Order& order = outgoing_.front();
      const auto status = courier::Send(FdRef(socket_.native_handle()), order.request.ToText(), order.message,
                                        order.credentials ? order.credentials->Ref() : FdRef(-1));
      if (status == courier::SendStatus::WouldBlock) return WaitWritable();
      if (status == courier::SendStatus::Closed) return Close();
      const auto count = order.request.envelope.recipients.size();
      pending_.emplace(order.request.serial, Pending{Results(count), count, std::move(order.done)});
      outgoing_.pop_front();
    }
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string("Lost a courier: ") + e.what());
  }
  if (!outgoing_.empty()) Close();
}

void Channel::WaitWritable() {
  if (std::exchange(waiting_writable_, true)) return;
  socket_.async_wait(asio::posix::descriptor_base::wait_write,
                     [self = shared_from_this()](std::error_code error) {
                       self->waiting_writable_ = false;
                       if (!error) self->SendOutgoing();
                     });
}

void Channel::WaitReadable() {
  socket_.async_wait(asio::posix::descriptor_base::wait_read,
                     [self = shared_from_this()](std::error_code error) {
                       if (!error) self->OnReadable();
                     });
}

void Channel::OnReadable() {
  try {
    while (socket_.is_open()) {
      courier::Packet packet;
      const auto status = courier::Receive(FdRef(socket_.native_handle()), packet);
      if (status == courier::ReceiveStatus::WouldBlock) return WaitReadable();
      if (status == courier::ReceiveStatus::Closed) return Close();
      OnAnswer(std::move(packet));
    }
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string("Lost a courier: ") + e.what());
    Close();
  }
}

void Channel::OnAnswer(courier::Packet packet) {
  auto answer = courier::Answer::Parse(packet.text);
  const auto found = answer ? pending_.find(answer->serial) : pending_.end();
  if (found == pending_.end()) {
    service::Log(LOG_WARNING, "A courier's answer is not understood, ignoring");
    return;
  }
  auto& pending = found->second;
  if (answer->forward || answer->own_relays || !answer->reports.empty()) {
    Reply reply{std::move(pending.results), std::move(answer->forward), false, std::move(answer->reports),
                std::move(answer->own_relays)};
    if (packet.fd) reply.credentials = std::make_shared<const UniqueFd>(std::move(packet.fd));
    return Finish(found, reply);
  }
  pending.unreached |= answer->unreached;
  for (auto& [index, result] : answer->results) {
    if (index >= pending.results.size() || pending.results[index]) continue;
    pending.results[index] = std::move(result);
    --pending.missing;
  }
  if (pending.missing == 0) Finish(found, {std::move(pending.results), {}, pending.unreached});
}

void Channel::Finish(std::map<std::uint64_t, Pending>::iterator found, const Reply& reply) {
  const auto done = std::move(found->second.done);
  pending_.erase(found);
  done(reply);
  if (socket_.is_open() && IsIdle()) on_idle_();  // who was answered may have closed it
}

void Channel::Close(const std::optional<mail::DeliveryResult>& verdict) {
  if (!socket_.is_open()) return;
  const auto self = shared_from_this();
  std::error_code ignored;
  socket_.close(ignored);
  for (auto& [serial, pending] : std::exchange(pending_, {})) {
    for (auto& result : pending.results)
      if (!result) result = verdict;
    pending.done({std::move(pending.results)});
  }
  for (auto& order : std::exchange(outgoing_, {}))
    order.done({Results(order.request.envelope.recipients.size(), verdict)});
  on_closed_();
}

}  // namespace runner
