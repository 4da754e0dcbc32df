// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/couriers/agent_pool.hxx"

#include "courier/packet.hxx"
#include "service/journal.hxx"

#include <asio/post.hpp>

#include <syslog.h>

#include <exception>
#include <utility>
#include <vector>

namespace runner {

namespace {

constexpr auto kAgentLinger = std::chrono::seconds(3);

}  // namespace

bool AgentPool::HasRoom(uid_t uid, uid_t share) const noexcept {
  const auto agent = agents_.find(uid);
  if (agent != agents_.end() && agent->second.is_silent) return false;
  return orders_.HasRoom(uid, share);
}

void AgentPool::Deliver(uid_t uid, Order order) {
  order.done = [place = orders_.Take(uid, order.share), done = std::move(order.done)](const Reply& reply) {
    place->Free();
    done(reply);
  };
  if (const auto found = agents_.find(uid); found != agents_.end() && !found->second.retired) {
    auto& agent = found->second;
    agent.linger.cancel();
    if (agent.channel->IsIdle()) Listen(uid);
    agent.channel->Deliver(std::move(order));
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
    if (!agents_.contains(uid)) TryLaunch(uid);
  }
}

// Lack of memory or descriptors, mostly: it is the matter of this user's mail and of nobody else's.
void AgentPool::TryLaunch(uid_t uid) {
  try {
    Launch(uid);
  } catch (const std::exception& e) {
    service::Log(LOG_ERR, std::string(e.what()) + ", retrying");
    if (const auto found = agents_.find(uid); found != agents_.end())
      found->second.channel->Close();
    else
      GiveBack(uid, {.results = {}, .fault = e.what()});
  }
}

void AgentPool::Launch(uid_t uid) {
  auto [ours, agents] = courier::MakePair();
  const auto channel =
      std::make_shared<Channel>(context_, std::move(ours), kWindow,
                                Channel::Events{[this, uid] { OnIdle(uid); }, [this, uid] { OnClosed(uid); },
                                                [this, uid] { OnAnswer(uid); }});
  agents_.try_emplace(uid, context_, channel);
  launcher_.Hold();
  channel->Start();
  Listen(uid);
  HandOver(uid);
  launcher_.Launch(courier::LaunchKind::Deliver, uid, std::move(agents),
                   [this, uid](const std::string& why) { OnReply(uid, why); });
}

void AgentPool::HandOver(uid_t uid) {
  auto orders = waiting_.extract(uid);
  if (!orders) return;
  for (auto& order : orders.mapped()) agents_.at(uid).channel->Deliver(std::move(order));
}

void AgentPool::GiveBack(uid_t uid, const Reply& reply) {
  const auto orders = waiting_.extract(uid);
  if (!orders) return;
  std::erase(turns_, uid);
  for (const auto& order : orders.mapped()) order.GiveBack(reply);
}

// From now on an answer is expected.
void AgentPool::Listen(uid_t uid) {
  auto& agent = agents_.at(uid);
  agent.is_silent = false;
  Listen(uid, agent, kPatience);
}

void AgentPool::Listen(uid_t uid, Agent& agent, std::chrono::seconds time) {
  agent.silence.expires_after(time);
  agent.silence.async_wait([this, uid](std::error_code error) {
    if (!error) OnSilence(uid);
  });
}

void AgentPool::OnSilence(uid_t uid) {
  const auto found = agents_.find(uid);
  if (found == agents_.end()) return;
  auto& agent = found->second;
  const auto channel = agent.channel;
  // An answer may have come while this call was on its way.
  if (channel->IsIdle() || agent.silence.expiry() > std::chrono::steady_clock::now()) return;
  if (std::exchange(agent.is_silent, true)) {
    service::Log(LOG_WARNING, "The delivery agent of uid " + std::to_string(uid) +
                                  " does not answer, closing its connection");
    return channel->Close();
  }
  Listen(uid, agent, kLongestSilence - kPatience);
  GiveBack(uid, {.results = {}, .put_off = true});
  channel->PutOff();
}

// Each answer makes room for one message. Two are asked for, until some wait here: so the agent always has a
// next one.
void AgentPool::OnAnswer(uid_t uid) {
  Listen(uid);
  if (!agents_.at(uid).channel->HasUnsent()) on_room_(uid, 2);
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
  if (const auto channel = found->second.channel; channel->IsIdle()) channel->Close();
}

void AgentPool::RetireAll() {
  for (auto& [uid, agent] : agents_) agent.retired = true;
  CloseIdle();
}

void AgentPool::OnIdle(uid_t uid) {
  auto& agent = agents_.at(uid);
  agent.silence.cancel();
  if (!turns_.empty()) return CloseIdle();
  if (agent.retired) {
    const auto channel = agent.channel;
    return channel->Close();
  }
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
  on_room_(uid, kWindow);
}

void AgentPool::CloseIdle() {
  std::vector<std::shared_ptr<Channel>> idle;
  for (const auto& [uid, agent] : agents_)
    if (agent.channel->IsIdle()) idle.push_back(agent.channel);
  for (const auto& channel : idle) channel->Close();
}

}  // namespace runner
