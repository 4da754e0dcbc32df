// SPDX-License-Identifier: BSD-2-Clause
#include "programs/relay/hold_board.hxx"

#include "base/text.hxx"
#include "service/notify.hxx"

#include <algorithm>
#include <utility>

namespace relay {

HoldBoard::HoldBoard(Activity& activity) : state_(std::make_shared<State>(State{activity, {}})) {}

HoldBoard::Entry HoldBoard::Put(const std::string& relay) {
  state_->relays.push_back(relay);
  state_->Show();
  auto token = state_->activity.Begin();
  return {token.get(), [state = state_, relay, token](void*) {
            const auto at = std::ranges::find(state->relays, relay);
            if (at != state->relays.end()) state->relays.erase(at);
            state->Show();
          }};
}

void HoldBoard::State::Show() const {
  std::string text;
  for (const auto& relay : relays)
    text += (text.empty() ? "Login refused, mail is held for " : ", ") + Quote(relay);
  service::NotifyStatus(text.empty() ? "Delivering" : text);
}

}  // namespace relay
