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

Pool::Pool(asio::any_io_executor executor, Identity identity, const Parameters& parameters, Network& network,
           HoldBoard& holds, Refuse refuse)
    : executor_(std::move(executor)),
      identity_(std::move(identity)),
      parameters_(parameters),
      network_(network),
      holds_(holds),
      refuse_(std::move(refuse)),
      forget_(executor_) {}

void Pool::Add(std::unique_ptr<Job> job) {
  if (stopping_) return;
  const auto closed_until = job->HasNextRelay() ? shun_until_ : hold_until_;
  if (serving_ == 0 && Clock::now() < closed_until) return refuse_(std::move(job), hold_);
  waiting_.Add(std::move(job));
  Wake();
  Grow();
}

void Pool::Stop() {
  stopping_ = true;
  waiting_ = {};
  forget_.cancel();
  for (auto* timer : std::exchange(idle_, {})) timer->cancel();
}

bool Pool::IsIdle() const noexcept {
  return connections_ == 0 && Clock::now() >= shun_until_ && !login_hold_;
}

void Pool::Wake() {
  if (idle_.empty()) return;
  // Take the connection that has waited least, so that those that are not needed time out.
  idle_.back()->cancel();
  idle_.pop_back();
  ++waking_;
}

void Pool::Grow() {
  const std::size_t limit = serving_ == 0 ? 1 : std::min(limit_, parameters_.connections);
  while (connections_ < limit && (opening_ + waking_) * kJobsPerConnection < waiting_.Size()) {
    ++connections_;
    ++network_.connections;
    ++opening_;
    asio::co_spawn(executor_, Work(), RethrowFault);
  }
}

asio::awaitable<void> Pool::Work() {
  const auto self = shared_from_this();
  Connection connection(identity_, parameters_, network_, sessions_);
  const auto begun = Clock::now();
  std::optional<mail::DeliveryResult> refusal;
  try {
    refusal = co_await connection.Open();
  } catch (const std::exception& fault) {
    refusal = mail::Deferred("4.3.0", fault.what());
  }
  --opening_;
  if (refusal)
    OnRefused(*refusal, connection.GetLoginFault(), begun);
  else
    co_await Serve(connection);
  --connections_;
  --network_.connections;
  if (connections_ == 0) limit_ = 1;
  Grow();
}

// A server that refuses a further connection is busy with those that it has, not down.
void Pool::OnRefused(const mail::DeliveryResult& why, smtp::LoginFault login, Clock::time_point begun) {
  if (serving_ > 0) {
    limit_ = std::min(limit_, serving_);
    return;
  }
  if (login == smtp::LoginFault::Rejected || login == smtp::LoginFault::Password) return HoldForLogin(why);
  LogFault(why.text + (why.outcome == mail::Outcome::Failed ? "" : ", retrying later"));
  const auto took = Clock::now() - begun;
  Hold(why, std::min<Clock::duration>(took, kMaxHold),
       std::min<Clock::duration>(kShunFactor * took, kMaxShun));
}

void Pool::Hold(const mail::DeliveryResult& why, Clock::duration duration, Clock::duration shun) {
  hold_ = why;
  hold_until_ = Clock::now() + duration;
  shun_until_ = Clock::now() + std::max(duration, shun);
  for (auto& job : waiting_.TakeAll()) refuse_(std::move(job), why);
}

void Pool::HoldForLogin(mail::DeliveryResult why) {
  std::chrono::minutes duration = kFirstLoginHold;
  for (unsigned i = 0; i < refused_logins_ && duration < kMaxLoginHold; ++i)
    duration = std::min(2 * duration, kMaxLoginHold);
  ++refused_logins_;
  why.text += "; its mail waits, no login for " + std::to_string(duration.count()) +
              " minutes or until the credential changes";
  LogFault(why.text);
  if (!login_hold_) login_hold_ = holds_.Put(identity_.url.ToString(), identity_.owner);
  // A job that comes later than this makes a new attempt.
  forget_.expires_after(2 * duration);
  forget_.async_wait([weak = weak_from_this()](const std::error_code& error) {
    const auto self = weak.lock();
    if (!error && self) self->login_hold_.reset();
  });
  Hold(why, duration, duration);
}

// Logged once, however many messages meet the fault.
void Pool::LogFault(const std::string& text) {
  if (std::exchange(logged_, text) == text) return;
  service::Log(LOG_WARNING, "Relay " + Quote(identity_.Describe()) + " takes no mail: " + text,
               {{"MAILQUEUE_RELAY", identity_.url.ToString()}});
}

asio::awaitable<void> Pool::Serve(Connection& connection) {
  ++serving_;
  logged_.clear();
  hold_until_ = shun_until_ = {};
  refused_logins_ = 0;
  login_hold_.reset();
  // co_await stands alone here: in a condition with && g++ 12 awaits it before it looks at the left side.
  for (unsigned served = 0; served < parameters_.messages_per_connection && connection.IsReady(); ++served) {
    const bool delivered = co_await DeliverNext(connection, served == 0);
    if (!delivered) break;
  }
  --serving_;
  if (connection.IsOpen() && !HasManyConnections()) co_await connection.Quit();
}

// False if there was nothing (more) to deliver.
asio::awaitable<bool> Pool::DeliverNext(Connection& connection, bool fresh) {
  auto job = TakeJob();
  if (!job) job = co_await WaitForJob();
  if (!job) co_return false;
  Grow();
  const auto open = job->open.size();
  try {
    co_await connection.Deliver(*job);
  } catch (const std::exception& fault) {
    job->AnswerAll(mail::Deferred("4.3.0", fault.what()));
    co_return false;
  }
  AdjustLimit(*job);
  // A server may close an idle connection just as it gets a message, or take only a few transactions on one.
  // Neither is a fault: try the rest on another connection.
  const bool progress = job->open.size() < open;
  const bool again = !job->open.empty() && (progress || (!fresh && job->connections == 0));
  if (again && !stopping_ && ++job->connections < kMaxConnectionsOfJob)
    waiting_.AddAgain(std::move(job));
  else
    job->Answer();
  co_return true;
}

// Mail to thousands of domains leaves a connection to each, which would take the descriptors of others' mail.
bool Pool::HasManyConnections() const noexcept {
  return network_.connections > network_.many_connections;
}

void Pool::AdjustLimit(const Job& job) {
  const auto is = [](mail::Outcome outcome) {
    return [outcome](const auto& result) { return result.outcome == outcome; };
  };
  if (std::ranges::any_of(job.results, is(mail::Outcome::Delivered)))
    limit_ = std::min(limit_ + 1, parameters_.connections);
  else if (std::ranges::any_of(job.results, is(mail::Outcome::Deferred)))
    limit_ = std::max<std::size_t>(limit_ / 2, 1);
}

asio::awaitable<std::unique_ptr<Job>> Pool::WaitForJob() {
  if (stopping_ || HasManyConnections()) co_return nullptr;
  asio::steady_timer timer(executor_, parameters_.idle);
  idle_.push_back(&timer);
  std::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (std::erase(idle_, &timer) == 0 && waking_ > 0) --waking_;
  co_return TakeJob();
}

std::unique_ptr<Job> Pool::TakeJob() {
  while (auto job = waiting_.Take())
    if (job->IsWanted()) return job;
  return nullptr;
}

}  // namespace relay
