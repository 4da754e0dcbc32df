// SPDX-License-Identifier: BSD-2-Clause
#include "programs/runner/submitters.hxx"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <exception>
#include <utility>

namespace runner {

Submitters::Submitters(asio::io_context& context, std::function<void(uid_t)> on_known, LookUp look_up)
    : context_(context), on_known_(std::move(on_known)), look_up_(std::move(look_up)) {}

Submitters::~Submitters() {
  thread_.stop();
  thread_.join();
}

std::optional<uid_t> Submitters::ShareOf(uid_t uid) {
  if (NeedsNoLookUp(uid)) return uid;
  if (known_.size() >= kRemembered && !known_.contains(uid)) MakeRoom();
  auto& known = known_[uid];
  const auto now = Clock::now();
  if (known.until <= now) {
    known.until = now + kDoubted;
    known.asked = now;
    Ask(uid);
  }
  if (known.is_user) return *known.is_user ? uid : kUnknown;
  if (now < known.asked + kPatience) return std::nullopt;
  return kUnknown;
}

bool Submitters::HasOwnShare(uid_t uid) const {
  const auto found = known_.find(uid);
  return NeedsNoLookUp(uid) || (found != known_.end() && found->second.is_user.value_or(false));
}

// Users are not forgotten for the many uids of one of them.
void Submitters::MakeRoom() {
  std::erase_if(known_, [](const auto& entry) { return !entry.second.is_user.value_or(true); });
  if (known_.size() >= kRemembered) known_.clear();
}

void Submitters::Ask(uid_t uid) {
  asio::post(thread_, [this, uid, guard = asio::make_work_guard(context_)] {
    std::optional<bool> is_user;
    try {
      is_user = look_up_(uid);
    } catch (const std::exception&) {
      // Without an answer, the earlier one stays.
    }
    asio::post(context_, [this, uid, is_user] { OnAnswer(uid, is_user); });
  });
}

void Submitters::OnAnswer(uid_t uid, std::optional<bool> is_user) {
  const auto found = known_.find(uid);
  if (found == known_.end()) return;
  auto& known = found->second;
  known.asked = {};  // there is nothing to wait for any more
  const auto before = known.is_user;
  if (is_user) known.is_user = is_user;
  if (known.is_user.value_or(false)) known.until = Clock::now() + kBelieved;
  if (!before || known.is_user != before) on_known_(uid);
}

}  // namespace runner
