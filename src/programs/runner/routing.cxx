// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/routing.hxx"

#include "base/user.hxx"
#include "route/expander.hxx"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace runner {

namespace {

route::Expansion DeferredBy(const std::exception& error, const std::string& address) {
  route::Expansion expansion;
  expansion.ends.push_back(
      {mail::Deferred("4.3.0", error.what()), address, {}, std::make_shared<route::Lineage>()});
  return expansion;
}

template <typename Expand>
route::Expansion TryExpand(const std::string& address, Expand expand) {
  try {
    return expand();
  } catch (const std::exception& error) {
    return DeferredBy(error, address);
  }
}

}  // namespace

Routing::Routing(asio::io_context& context) : context_(context) {}

Routing::~Routing() {
  thread_.stop();
  thread_.join();
}

template <typename Work>
void Routing::Run(const config::Settings& settings, Work work, Done done) {
  asio::post(thread_, [this, settings, work = std::move(work), done = std::move(done),
                       guard = asio::make_work_guard(context_)]() mutable {
    tables_.Use(settings);
    const route::UserLookup look_up = [this](const std::string& name) { return users_.Find(name); };
    route::Expander expander(settings, tables_, look_up);
    auto expansions = work(expander);
    {
      const std::lock_guard lock(mutex_);
      faults_ = tables_.Faults();
      if (!users_.Fault().empty()) faults_.push_back("Mail waits: " + users_.Fault());
    }
    asio::post(context_, [done = std::move(done), expansions = std::move(expansions)]() mutable {
      done(std::move(expansions));
    });
  });
}

void Routing::Expand(const config::Settings& settings, std::vector<std::string> addresses, std::string sender,
                     uid_t submitter, Done done) {
  const bool may_choose = settings.relay.user_relays && IsPerson(submitter);
  const auto work = [this, addresses = std::move(addresses), sender = std::move(sender), submitter,
                     may_choose](route::Expander& expander) {
    const route::UserFound user = may_choose ? users_.Find(submitter) : route::NoUser{};
    std::vector<route::Expansion> expansions;
    expansions.reserve(addresses.size());
    for (const auto& address : addresses)
      expansions.push_back(TryExpand(address, [&] { return expander.Expand(address, sender, user); }));
    return expansions;
  };
  Run(settings, work, std::move(done));
}

void Routing::Follow(const config::Settings& settings, route::End asked, courier::Forward forward,
                     Done done) {
  const auto work = [asked = std::move(asked), forward = std::move(forward)](route::Expander& expander) {
    return std::vector{
        TryExpand(asked.address, [&] { return expander.Follow(asked, forward.destinations, forward.path); })};
  };
  Run(settings, work, std::move(done));
}

std::vector<std::string> Routing::Faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

}  // namespace runner
