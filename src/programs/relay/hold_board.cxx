// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/hold_board.hxx"

#include "base/text.hxx"
#include "service/notify.hxx"

#include <algorithm>
#include <set>
#include <utility>

namespace relay {

namespace {

constexpr std::size_t kRoomForCounts = 128;  // octets, for all that stands around names

std::string Count(std::size_t number, const std::string& thing) {
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

}  // namespace

HoldBoard::HoldBoard(Activity& activity) : state_(std::make_shared<State>(State{activity, {}})) {}

HoldBoard::Entry HoldBoard::Put(const std::string& relay, const std::string& owner) {
  const Held held{relay, owner};
  state_->held.push_back(held);
  state_->Show();
  auto token = state_->activity.Begin();
  return {token.get(), [state = state_, held, token](void*) {
            const auto at = std::ranges::find(state->held, held);
            if (at != state->held.end()) state->held.erase(at);
            state->Show();
          }};
}

std::string HoldBoard::State::Text() const {
  std::string text;
  const auto add = [&](const std::string& item) {
    text += (text.empty() ? "Login refused, mail waits for " : ", ") + item;
  };
  std::set<std::string> owners;
  std::size_t left_out = 0;
  for (const auto& [relay, owner] : held) {
    const auto name = Quote(relay);
    if (!owner.empty())
      owners.insert(owner);
    else if (text.size() + name.size() + kRoomForCounts <= kMaxStatus)
      add(name);
    else
      ++left_out;
  }
  if (left_out > 0) add(Count(left_out, "more relay"));
  if (!owners.empty()) add("relays of " + Count(owners.size(), "user"));
  return text.empty() ? "Delivering" : text;
}

void HoldBoard::State::Show() const {
  service::NotifyStatus(Text());
}

}  // namespace relay
