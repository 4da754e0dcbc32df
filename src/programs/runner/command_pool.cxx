// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/command_pool.hxx"

#include "courier/packet.hxx"
#include "service/journal.hxx"

#include <asio/post.hpp>

#include <syslog.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace runner {

void CommandPool::Deliver(uid_t uid, Order order) {
  waiting_.push_back({uid, std::move(order)});
  asio::post(context_, [this] { LaunchWaiting(); });
}

void CommandPool::LaunchWaiting() {
  while (count_ < kMaxCommands) {
    const auto next = std::ranges::find_if(
        waiting_, [this](const Waiting& waiting) { return running_[waiting.uid] < kMaxOfUser; });
    if (next == waiting_.end()) return;
    auto waiting = std::move(*next);
    waiting_.erase(next);
    Launch(std::move(waiting));
  }
}

void CommandPool::Launch(Waiting waiting) {
  const uid_t uid = waiting.uid;
  auto [ours, commands] = courier::MakePair();
  const auto channel = std::make_shared<Channel>(
      context_, std::move(ours), [] {}, [this, uid] { OnClosed(uid); });
  ++running_[uid];
  ++count_;
  launcher_.Hold();
  channel->Start();
  channel->Deliver(std::move(waiting.order));
  const auto on_reply = [weak = std::weak_ptr(channel)](const std::string& why) {
    const auto started = weak.lock();
    if (started && !why.empty())
      started->Close(mail::Deferred("4.3.0", "the command can't be started: " + why));
  };
  try {
    launcher_.Launch(courier::LaunchKind::Command, uid, std::move(commands), on_reply);
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string(e.what()) + ", retrying");
    channel->Close();
  }
}

// The unit has ended: only now is its place free.
void CommandPool::OnClosed(uid_t uid) {
  if (--running_[uid] == 0) running_.erase(uid);
  --count_;
  launcher_.LetGo();
  asio::post(context_, [this] { LaunchWaiting(); });
}

}  // namespace runner
