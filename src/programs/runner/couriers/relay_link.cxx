// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/couriers/relay_link.hxx"

#include "courier/packet.hxx"
#include "paths.h"
#include "service/journal.hxx"

#include <asio/post.hpp>

#include <syslog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace runner {

namespace {

constexpr const char* kRelaySocket = MAILQUEUE_RUNDIR "/relay";
constexpr auto kRelayLinger = std::chrono::seconds(3);

}  // namespace

RelayLink::RelayLink(asio::io_context& context) : context_(context), linger_(context) {}

void RelayLink::Deliver(Order order) {
  waiting_[order.share].push_back(std::move(order));
  SendSoon();
}

void RelayLink::SendSoon() {
  if (std::exchange(sending_, true)) return;
  asio::post(context_, [this] {
    sending_ = false;
    SendWaiting();
  });
}

void RelayLink::SendWaiting() {
  while (SendNext()) continue;
}

// Sends an order of the next share in turn that has room.
bool RelayLink::SendNext() {
  const auto may_send = [this](const auto& entry) { return under_way_.MayTake(entry.first); };
  const auto behind = waiting_.upper_bound(last_);
  auto next = std::find_if(behind, waiting_.end(), may_send);
  if (next == waiting_.end()) next = std::find_if(waiting_.begin(), behind, may_send);
  if (next == waiting_.end() || !may_send(*next)) return false;
  last_ = next->first;
  Order order = std::move(next->second.front());
  next->second.pop_front();
  if (next->second.empty()) waiting_.erase(next);
  Send(std::move(order));
  return true;
}

void RelayLink::Send(Order order) {
  linger_.cancel();
  under_way_.Take(order.share);
  order.request.share = order.share;
  order.done = [this, share = order.share, done = std::move(order.done)](const Reply& reply) {
    under_way_.GiveBack(share);
    if (!waiting_.empty()) SendSoon();
    done(reply);
  };
  try {
    if (!channel_) Open();
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string(e.what()) + ", retrying");
    const Reply reply{.results = {}, .fault = e.what()};
    order.GiveBack(reply);
    for (const auto& [share, orders] : std::exchange(waiting_, {}))
      for (const auto& other : orders) other.GiveBack(reply);
    return;
  }
  channel_->Deliver(std::move(order));
}

void RelayLink::Start() {
  if (channel_) return;
  try {
    Open();
    OnIdle();
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string(e.what()) + ", retrying with the next message");
  }
}

void RelayLink::Open() {
  channel_ = std::make_shared<Channel>(context_, courier::Connect(kRelaySocket), kMaxUnderWay,
                                       Channel::Events{[this] { OnIdle(); }, [this] { channel_.reset(); }});
  channel_->Start();
}

void RelayLink::OnIdle() {
  linger_.expires_after(kRelayLinger);
  linger_.async_wait([this](std::error_code error) {
    if (!error) CloseIdle();
  });
}

void RelayLink::CloseIdle() {
  if (channel_ && channel_->IsIdle()) channel_->Close();
}

}  // namespace runner
