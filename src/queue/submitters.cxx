// SPDX-License-Identifier: BSD-2-Clause
#include "queue/submitters.hxx"

namespace queue {

std::optional<uid_t> Submitters::ShareOf(uid_t uid) {
  if (NeedsNoLookUp(uid)) return uid;
  if (known_.size() >= kRemembered && !known_.contains(uid)) MakeRoom();
  auto& known = known_[uid];
  const auto now = clock_.SinceBoot();
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
  users_.LookUp(uid, [this, uid](std::optional<bool> is_user) { OnAnswer(uid, is_user); });
}

void Submitters::OnAnswer(uid_t uid, std::optional<bool> is_user) {
  const auto found = known_.find(uid);
  if (found == known_.end()) return;
  auto& known = found->second;
  known.asked = {};  // there is nothing to wait for any more
  const auto before = known.is_user;
  if (is_user) known.is_user = is_user;
  if (known.is_user.value_or(false)) known.until = clock_.SinceBoot() + kBelieved;
  if (!before || known.is_user != before) on_known_(uid);
}

}  // namespace queue
