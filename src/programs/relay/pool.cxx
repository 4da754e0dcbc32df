// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/pool.hxx"

#include "base/text.hxx"
#include "programs/relay/fault.hxx"
#include "service/journal.hxx"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace relay {

Pool::Pool(asio::any_io_executor executor, Identity identity, TlsContexts& tls)
    : executor_(std::move(executor)), identity_(std::move(identity)), tls_(tls) {}

void Pool::Add(std::unique_ptr<Job> job) {
  if (stopping_) return;
  if (serving_ == 0 && Clock::now() < hold_until_) return job->AnswerAll(hold_);
  waiting_.push_back(std::move(job));
  Wake();
  Grow();
}

void Pool::Stop() {
  stopping_ = true;
  waiting_.clear();
  for (auto* timer : std::exchange(idle_, {})) timer->cancel();
}

bool Pool::IsIdle() const noexcept {
  return connections_ == 0 && Clock::now() >= hold_until_;
}

void Pool::Wake() {
  if (idle_.empty()) return;
  // The one that has waited least, so that those that are not needed go.
  idle_.back()->cancel();
  idle_.pop_back();
  ++waking_;
}

void Pool::Grow() {
  const std::size_t limit = serving_ == 0 ? 1 : limit_;
  while (connections_ < limit && (opening_ + waking_) * kJobsPerConnection < waiting_.size()) {
    ++connections_;
    ++opening_;
    asio::co_spawn(executor_, Work(), RethrowFault);
  }
}

asio::awaitable<void> Pool::Work() {
  const auto self = shared_from_this();
  Connection connection(identity_, tls_);
  const auto begun = Clock::now();
  const auto refusal = co_await connection.Open();
  --opening_;
  if (refusal)
    OnRefused(*refusal, begun);
  else
    co_await Serve(connection);
  --connections_;
  if (connections_ == 0) limit_ = kMaxConnections;
  Grow();
}

// A server that takes no further connection is one that is busy with those it has.
void Pool::OnRefused(const mail::DeliveryResult& why, Clock::time_point begun) {
  if (serving_ > 0) {
    limit_ = serving_;
    return;
  }
  const auto now = Clock::now();
  hold_ = why;
  hold_until_ = now + std::min<Clock::duration>(now - begun, kMaxHold);
  LogFault(why.text);
  for (const auto& job : std::exchange(waiting_, {})) job->AnswerAll(why);
}

// Once, however many messages find it out.
void Pool::LogFault(const std::string& text) {
  if (std::exchange(logged_, text) == text) return;
  const auto relay = identity_.url.ToString();
  service::Log(LOG_WARNING, "Relay " + Quote(relay) + " takes no mail: " + text + ", retrying later",
               {{"MAILQUEUE_RELAY", relay}});
}

asio::awaitable<void> Pool::Serve(Connection& connection) {
  ++serving_;
  logged_.clear();
  // co_await stands alone here: in a condition with && g++ 12 awaits it before it looks at the left side.
  for (unsigned served = 0; served < kMaxMessages && connection.IsReady(); ++served) {
    const bool delivered = co_await DeliverNext(connection, served == 0);
    if (!delivered) break;
  }
  --serving_;
  if (connection.IsOpen()) co_await connection.Quit();
}

// False if there was nothing (more) to deliver.
asio::awaitable<bool> Pool::DeliverNext(Connection& connection, bool fresh) {
  auto job = co_await WaitForJob();
  if (!job) co_return false;
  Grow();
  const auto open = job->open.size();
  co_await connection.Deliver(*job);
  // A server may leave an old connection just as it was to get a message, or take but a few transactions.
  const bool progress = job->open.size() < open;
  const bool again = !job->open.empty() && (progress || (!fresh && job->connections == 0));
  if (again && !stopping_ && ++job->connections < kMaxConnectionsOfJob)
    waiting_.push_front(std::move(job));
  else
    job->Answer();
  co_return true;
}

asio::awaitable<std::unique_ptr<Job>> Pool::WaitForJob() {
  auto job = TakeJob();
  if (job || stopping_) co_return job;
  asio::steady_timer timer(executor_, kIdle);
  idle_.push_back(&timer);
  std::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (std::erase(idle_, &timer) == 0 && waking_ > 0) --waking_;
  co_return TakeJob();
}

std::unique_ptr<Job> Pool::TakeJob() {
  while (!waiting_.empty()) {
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    if (job->IsWanted()) return job;
  }
  return nullptr;
}

}  // namespace relay
