// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/couriers/channel.hxx"

#include "service/journal.hxx"

#include <asio/post.hpp>

#include <syslog.h>

#include <exception>
#include <utility>

namespace runner {

namespace {

constexpr int kPacketsAtOnce = 32;  // in one turn of the event loop

}  // namespace

Channel::Channel(asio::io_context& context, UniqueFd socket, std::size_t window, Events events)
    : socket_(context),
      reading_later_(context),
      sending_later_(context),
      window_(window),
      events_(std::move(events)) {
  socket_.assign(socket.Get());
  static_cast<void>(socket.Release());
  socket_.non_blocking(true);
}

void Channel::Start() {
  WaitReadable();
}

void Channel::Deliver(Order order) {
  order.request.serial = next_serial_++;
  outgoing_.push_back(std::move(order));
  SendSoon();
}

void Channel::SendSoon() {
  if (std::exchange(sending_, true)) return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->sending_ = false;
    self->SendOutgoing();
  });
}

void Channel::SendOutgoing() {
  while (!sending_ && socket_.is_open() && !outgoing_.empty() && pending_.size() < window_) {
    Order order = std::move(outgoing_.front());
    outgoing_.pop_front();
    auto status = courier::SendStatus::Closed;
    try {
      status = Send(order);
    } catch (const std::exception& e) {
      service::Log(LOG_ERR, std::string(e.what()) + ", retrying");
      order.GiveBack({.results = {}, .fault = e.what()});
      TellIfIdle();
      continue;
    }
    const auto count = order.request.envelope.recipients.size();
    if (status == courier::SendStatus::Sent) {
      pending_.emplace(order.request.serial, Pending{Results(count), count, std::move(order.done)});
      continue;
    }
    outgoing_.push_front(std::move(order));
    if (status == courier::SendStatus::Closed) return Close();
    SendLater(status);
  }
}

// The message is open only for as long as this takes.
courier::SendStatus Channel::Send(Order& order) {
  const UniqueFd message = order.open ? order.open() : UniqueFd();
  return courier::Send(FdRef(socket_.native_handle()), order.request.ToText(), message,
                       order.credentials ? order.credentials->Ref() : FdRef(-1));
}

void Channel::SendLater(courier::SendStatus why) {
  sending_ = true;
  const auto send = [self = shared_from_this()](std::error_code error) {
    self->sending_ = false;
    if (!error) self->SendOutgoing();
  };
  if (why == courier::SendStatus::WouldBlock)
    return socket_.async_wait(asio::posix::descriptor_base::wait_write, send);
  sending_later_.expires_after(courier::kShortageDelay);
  sending_later_.async_wait(send);
}

void Channel::PutOff() {
  for (const auto& order : std::exchange(outgoing_, {})) order.GiveBack({.results = {}, .put_off = true});
  TellIfIdle();
}

void Channel::WaitReadable() {
  socket_.async_wait(asio::posix::descriptor_base::wait_read,
                     [self = shared_from_this()](std::error_code error) {
                       if (!error) self->OnReadable();
                     });
}

void Channel::ReadLater() {
  reading_later_.expires_after(courier::kShortageDelay);
  reading_later_.async_wait([self = shared_from_this()](std::error_code error) {
    if (!error) self->OnReadable();
  });
}

void Channel::OnReadable() {
  try {
    // No more at once, however many there are: others' handlers run in between.
    for (int i = 0; i < kPacketsAtOnce; ++i) {
      if (!socket_.is_open()) return;
      courier::Packet packet;
      const auto status = courier::Receive(FdRef(socket_.native_handle()), packet);
      if (status == courier::ReceiveStatus::WouldBlock) return WaitReadable();
      if (status == courier::ReceiveStatus::Shortage) return ReadLater();
      if (status == courier::ReceiveStatus::Closed) return Close();
      OnAnswer(std::move(packet));
    }
    WaitReadable();
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
  if (!socket_.is_open()) return;  // who was answered may have closed it
  if (events_.on_answer) events_.on_answer();
  if (!outgoing_.empty()) SendSoon();
  TellIfIdle();
}

void Channel::TellIfIdle() {
  if (socket_.is_open() && IsIdle()) events_.on_idle();
}

void Channel::Close(const std::optional<mail::DeliveryResult>& verdict) {
  if (!socket_.is_open()) return;
  const auto self = shared_from_this();
  std::error_code ignored;
  socket_.close(ignored);
  reading_later_.cancel();
  sending_later_.cancel();
  for (auto& [serial, pending] : std::exchange(pending_, {})) {
    for (auto& result : pending.results)
      if (!result) result = verdict;
    pending.done({std::move(pending.results)});
  }
  for (auto& order : std::exchange(outgoing_, {}))
    order.done({Results(order.request.envelope.recipients.size(), verdict)});
  events_.on_closed();
}

}  // namespace runner
