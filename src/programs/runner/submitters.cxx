// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/submitters.hxx"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <exception>
#include <utility>

namespace runner {

Submitters::Submitters(asio::io_context& context, std::function<void(uid_t)> on_user, LookUp look_up)
    : context_(context), on_user_(std::move(on_user)), look_up_(std::move(look_up)) {}

Submitters::~Submitters() {
  thread_.stop();
  thread_.join();
}

uid_t Submitters::ShareOf(uid_t uid) {
  if (uid == 0 || (uid >= kFirstDynamic && uid <= kLastDynamic)) return uid;
  if (known_.size() >= kRemembered && !known_.contains(uid)) known_.clear();
  auto& known = known_[uid];
  const auto now = std::chrono::steady_clock::now();
  if (known.until <= now) {
    known.until = now + (known.is_user ? kBelieved : kDoubted);
    Ask(uid);
  }
  return known.is_user ? uid : kUnknown;
}

void Submitters::Ask(uid_t uid) {
  asio::post(thread_, [this, uid, guard = asio::make_work_guard(context_)] {
    bool is_user = false;
    try {
      is_user = look_up_(uid);
    } catch (const std::exception&) {
      return;  // what was known stays
    }
    asio::post(context_, [this, uid, is_user] { OnAnswer(uid, is_user); });
  });
}

void Submitters::OnAnswer(uid_t uid, bool is_user) {
  const auto found = known_.find(uid);
  if (found == known_.end() || std::exchange(found->second.is_user, is_user) == is_user) return;
  if (is_user) on_user_(uid);
}

}  // namespace runner
