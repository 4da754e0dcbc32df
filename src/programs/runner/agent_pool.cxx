// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/agent_pool.hxx"

#include "courier/packet.hxx"
#include "service/journal.hxx"

#include <asio/post.hpp>

#include <syslog.h>

#include <chrono>
#include <exception>
#include <vector>

namespace runner {

namespace {

constexpr std::size_t kMaxAgents = 32;  // waiting on a lock costs nothing, so more than there are processors
constexpr auto kAgentLinger = std::chrono::seconds(3);

}  // namespace

void AgentPool::Deliver(uid_t uid, Order order) {
  if (const auto found = agents_.find(uid); found != agents_.end() && !found->second.retired) {
    found->second.linger.cancel();
    found->second.channel->Deliver(std::move(order));
    return;
  }
  auto& queue = waiting_[uid];
  if (queue.empty()) turns_.push_back(uid);
  queue.push_back(std::move(order));
  // Not from within this call: a launch that fails gives the order back.
  asio::post(context_, [this] { LaunchWaiting(); });
}

void AgentPool::LaunchWaiting() {
  if (agents_.size() >= kMaxAgents && !turns_.empty()) CloseIdle();
  while (!turns_.empty() && agents_.size() < kMaxAgents) {
    const uid_t uid = turns_.front();
    turns_.pop_front();
    if (!agents_.contains(uid)) Launch(uid);
  }
}

void AgentPool::Launch(uid_t uid) {
  auto [ours, agents] = courier::MakePair();
  auto channel = std::make_shared<Channel>(
      context_, std::move(ours), [this, uid] { OnIdle(uid); }, [this, uid] { OnClosed(uid); });
  agents_.emplace(uid, Agent{channel, asio::steady_timer(context_)});
  launcher_.Hold();
  channel->Start();
  HandOver(uid);
  try {
    launcher_.Launch(courier::LaunchKind::Deliver, uid, std::move(agents),
                     [this, uid](const std::string& why) { OnReply(uid, why); });
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string(e.what()) + ", retrying");
    channel->Close();
  }
}

void AgentPool::HandOver(uid_t uid) {
  auto orders = waiting_.extract(uid);
  if (!orders) return;
  for (auto& order : orders.mapped()) agents_.at(uid).channel->Deliver(std::move(order));
}

void AgentPool::OnReply(uid_t uid, const std::string& why) {
  const auto found = agents_.find(uid);
  if (why.empty() || found == agents_.end()) return;
  const auto channel = found->second.channel;
  channel->Close(mail::Deferred("4.3.0", "the delivery agent can't be started: " + why));
}

void AgentPool::Retire(uid_t uid) {
  const auto found = agents_.find(uid);
  if (found == agents_.end()) return;
  found->second.retired = true;
  if (found->second.channel->IsIdle()) found->second.channel->Close();
}

void AgentPool::RetireAll() {
  for (auto& [uid, agent] : agents_) agent.retired = true;
  CloseIdle();
}

void AgentPool::OnIdle(uid_t uid) {
  if (!turns_.empty()) return CloseIdle();
  auto& agent = agents_.at(uid);
  if (agent.retired) return agent.channel->Close();
  agent.linger.expires_after(kAgentLinger);
  agent.linger.async_wait([channel = agent.channel](std::error_code error) {
    if (!error && channel->IsIdle()) channel->Close();
  });
}

void AgentPool::OnClosed(uid_t uid) {
  agents_.erase(uid);
  if (waiting_.contains(uid)) turns_.push_back(uid);  // it came while this one was leaving
  launcher_.LetGo();
  if (!turns_.empty()) asio::post(context_, [this] { LaunchWaiting(); });
}

void AgentPool::CloseIdle() {
  std::vector<std::shared_ptr<Channel>> idle;
  for (const auto& [uid, agent] : agents_)
    if (agent.channel->IsIdle()) idle.push_back(agent.channel);
  for (const auto& channel : idle) channel->Close();
}

}  // namespace runner
