// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/routing.hxx"

#include "base/user.hxx"
#include "queue/plan.hxx"
#include "route/expander.hxx"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <utility>

namespace runner {

namespace {

route::Expansion Only(mail::DeliveryResult result, const std::string& address) {
  route::Expansion expansion;
  expansion.ends.push_back({std::move(result), address, {}, std::make_shared<route::Lineage>()});
  return expansion;
}

template <typename Expand>
route::Expansion TryExpand(const std::string& address, Expand expand) {
  try {
    return expand();
  } catch (const std::exception& error) {
    auto expansion = Only(mail::Deferred("4.3.0", error.what()), address);
    expansion.unanswered = true;
    return expansion;
  }
}

}  // namespace

/// Some addresses to be expanded, one step each.
struct Routing::Job {
  using Step = std::function<route::Expansion(route::Expander&, std::size_t)>;

  queue::Snapshot settings;
  std::size_t size;  ///< steps
  Step step;         ///< may throw
  Done done;
  asio::executor_work_guard<asio::io_context::executor_type> guard;  ///< of where it is to be answered
  std::stop_token gone{};
  std::vector<route::Expansion> expansions{};

  [[nodiscard]] bool IsDone() const noexcept { return expansions.size() == size || gone.stop_requested(); }
};

Routing::Routing(asio::io_context& context, std::size_t max_ends) : context_(context), max_ends_(max_ends) {}

Routing::~Routing() {
  thread_.stop();
  thread_.join();
}

void Routing::Add(uid_t share, std::unique_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.Add(share, std::move(job));
  }
  asio::post(thread_, [this] { TakeTurn(); });
}

// There is one of these in the thread's queue for each job that is not done.
void Routing::TakeTurn() {
  std::unique_lock lock(mutex_);
  auto turn = jobs_.Take();
  lock.unlock();
  const bool is_done = Work(*turn.job);
  lock.lock();
  faults_ = tables_.Faults();
  if (!users_.Fault().empty()) faults_.push_back("Mail waits: " + users_.Fault());
  if (is_done) {
    lock.unlock();
    return Answer(std::move(turn.job));
  }
  jobs_.PutBack(std::move(turn));
  lock.unlock();
  asio::post(thread_, [this] { TakeTurn(); });
}

// False if there is more to do.
bool Routing::Work(Job& job) {
  const auto end = std::chrono::steady_clock::now() + kTurn;
  tables_.Use(*job.settings);
  const route::UserLookup look_up = [this](const std::string& name) { return users_.Find(name); };
  route::Expander expander(*job.settings, tables_, look_up);
  while (!job.IsDone()) {
    job.expansions.push_back(job.step(expander, job.expansions.size()));
    if (std::chrono::steady_clock::now() >= end) break;
  }
  return job.IsDone();
}

void Routing::Answer(std::unique_ptr<Job> job) {
  asio::post(context_, [done = std::move(job->done), expansions = std::move(job->expansions)]() mutable {
    done(std::move(expansions));
  });
}

void Routing::Expand(queue::Snapshot settings, Question question, Done done) {
  const auto size = question.addresses.size();
  const auto share = question.share;
  const auto gone = question.gone;
  const bool may_choose = settings->relay.user_relays && IsPerson(question.submitter);
  const auto step = [this, question = std::move(question), may_choose,
                     user = std::optional<route::UserFound>(),
                     ends = std::size_t{0}](route::Expander& expander, std::size_t i) mutable {
    const auto& address = question.addresses[i];
    if (ends >= max_ends_) return Only(queue::TooManyPlaces(), address);
    if (!user) user = may_choose ? users_.Find(question.submitter) : route::NoUser{};
    auto expansion = TryExpand(address, [&] { return expander.Expand(address, question.sender, *user); });
    ends += expansion.ends.size();
    return expansion;
  };
  Add(share, std::make_unique<Job>(std::move(settings), size, step, std::move(done),
                                   asio::make_work_guard(context_), gone));
}

void Routing::Follow(queue::Snapshot settings, uid_t share, route::End asked, courier::Forward forward,
                     Done done) {
  const auto step = [asked = std::move(asked), forward = std::move(forward)](route::Expander& expander,
                                                                             std::size_t) {
    return TryExpand(asked.address, [&] {
      return expander.Follow(asked, forward.destinations, forward.path, forward.is_private);
    });
  };
  Add(share,
      std::make_unique<Job>(std::move(settings), 1, step, std::move(done), asio::make_work_guard(context_)));
}

std::vector<std::string> Routing::Faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

}  // namespace runner
