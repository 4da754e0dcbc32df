// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/environment.hxx"
#include "route/expansion.hxx"

#include <sys/types.h>

#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <new>
#include <set>
#include <utility>
#include <variant>
#include <vector>

namespace queue {

/// The way from addresses to mailboxes and relays, as an attempt and an explanation go it: questions to the
/// router and the couriers, many at a time, and their answers one after the other, for one coroutine.
/// @tparam Sent what an order was about
/// @tparam Asked what a forward file was followed for
template <typename Sent, typename Asked>
class Walk {
 public:
  /// One expansion for each address, in their order.
  using Expanded = std::vector<route::Expansion>;
  struct Replied {
    Sent sent;
    Reply reply;
  };
  struct Followed {
    Asked asked;
    route::Expansion expansion;
  };
  using Answer = std::variant<Expanded, Replied, Followed>;
  /// Owns the walk; it is kept until the question has been answered.
  using Owner = std::shared_ptr<void>;

  /// @param environment outlives this
  /// @param router is asked in place of the environment's
  Walk(const Environment& environment, Router& router) noexcept
      : environment_(environment), router_(router) {}

  // Where a question can't be put, these throw, and it is not open.

  void Expand(Owner owner, Snapshot settings, Router::Question question) {
    Put([this, owner = std::move(owner), settings = std::move(settings),
         question = std::move(question)](std::size_t number) mutable {
      router_.Expand(std::move(settings), std::move(question),
                     [this, owner = std::move(owner), number](Expanded expansions) {
                       End(number, [&] { return std::move(expansions); });
                     });
    });
  }

  /// @param share, end, forward see Router::Follow
  void Follow(Owner owner, Snapshot settings, uid_t share, route::End end, courier::Forward forward,
              Asked asked) {
    Put([this, owner = std::move(owner), settings = std::move(settings), share, end = std::move(end),
         forward = std::move(forward), asked = std::move(asked)](std::size_t number) mutable {
      router_.Follow(std::move(settings), share, std::move(end), std::move(forward),
                     [this, owner = std::move(owner), number, asked = std::move(asked)](Expanded expansions) {
                       End(number, [&] { return Followed{asked, std::move(expansions.at(0))}; });
                     });
    });
  }

  /// @param order its done is filled in
  void Deliver(Owner owner, const route::Route& route, Order order, Sent sent) {
    Put([&](std::size_t number) {
      order.done = [this, owner = std::move(owner), number, sent = std::move(sent)](const Reply& reply) {
        End(number, [&] { return Replied{sent, reply}; });
      };
      environment_.couriers.Deliver(route, std::move(order));
    });
  }

  [[nodiscard]] bool HasAnswer() const noexcept { return !answers_.empty() || fault_; }
  /// The next answer. Throws what kept one from being noted.
  [[nodiscard]] Answer Take() {
    if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
    Answer answer(std::move(answers_.front()));
    answers_.pop_front();
    return answer;
  }
  /// A question has no answer yet.
  [[nodiscard]] bool IsOpen() const noexcept { return !open_.empty(); }

  /// To be awaited while IsOpen: until there is an answer.
  [[nodiscard]] auto Answered() noexcept {
    struct Awaiter {
      Walk& walk;
      [[nodiscard]] bool await_ready() const noexcept { return walk.HasAnswer(); }
      void await_suspend(std::coroutine_handle<> handle) const noexcept { walk.waiting_ = handle; }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }

  /// To be awaited: others have their turn meanwhile.
  [[nodiscard]] auto NextTurn(Owner owner) noexcept {
    struct Awaiter {
      Clock& clock;
      Owner owner;
      [[nodiscard]] static bool await_ready() noexcept { return false; }
      // Without memory it goes on in this turn: nobody else would wake it.
      [[nodiscard]] bool await_suspend(std::coroutine_handle<> handle) {
        try {
          clock.Post([kept = std::move(owner), handle] { handle.resume(); });
          return true;
        } catch (const std::bad_alloc&) {
          return false;
        }
      }
      void await_resume() const noexcept {}
    };
    return Awaiter{environment_.clock, std::move(owner)};
  }

 private:
  template <typename Ask>
  void Put(Ask ask) {
    const auto number = next_++;
    open_.insert(number);
    try {
      ask(number);
    } catch (...) {
      open_.erase(number);
      throw;
    }
  }
  // Of two answers to one question the first one counts. One that there is no memory for is a fault, for
  // which nobody waits in vain.
  template <typename Make>
  void End(std::size_t number, Make make) {
    if (open_.erase(number) == 0) return;
    try {
      answers_.push_back(make());
    } catch (const std::exception&) {
      fault_ = std::current_exception();
    }
    if (waiting_) std::exchange(waiting_, nullptr).resume();
  }

  const Environment& environment_;
  Router& router_;
  std::set<std::size_t> open_;
  std::size_t next_ = 0;
  std::deque<Answer> answers_;
  std::exception_ptr fault_;
  std::coroutine_handle<> waiting_ = nullptr;
};

}  // namespace queue
