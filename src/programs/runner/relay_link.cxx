// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/relay_link.hxx"

#include "courier/packet.hxx"
#include "paths.h"
#include "service/journal.hxx"

#include <asio/post.hpp>

#include <syslog.h>

#include <chrono>
#include <exception>

namespace runner {

namespace {

constexpr const char* kRelaySocket = MAILQUEUE_RUNDIR "/relay";
constexpr auto kRelayLinger = std::chrono::seconds(3);

}  // namespace

RelayLink::RelayLink(asio::io_context& context) : context_(context), linger_(context) {}

void RelayLink::Deliver(Order order) {
  linger_.cancel();
  try {
    if (!channel_) Open();
    channel_->Deliver(std::move(order));
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string(e.what()) + ", retrying");
    const Reply none{Results(order.request.envelope.recipients.size())};
    asio::post(context_, [done = std::move(order.done), none] { done(none); });
  }
}

void RelayLink::Open() {
  channel_ = std::make_shared<Channel>(
      context_, courier::Connect(kRelaySocket), [this] { OnIdle(); }, [this] { channel_.reset(); });
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
