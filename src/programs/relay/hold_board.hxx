// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/activity.hxx"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace relay {

/// Knows the relays whose mail waits because they refuse the login, and says so in the line of `systemctl
/// status`. The process stays as long as there are any: it is what remembers them.
///
/// Everybody may read that line: it names the administrator's relays, and of the users' only for how many
/// there are any.
class HoldBoard {
 public:
  /// Ends the hold when it goes.
  using Entry = std::shared_ptr<void>;

  /// @param activity outlives the board and all entries
  explicit HoldBoard(Activity& activity);

  /// @param relay its URL
  /// @param owner the user who has chosen it; empty: the administrator has
  [[nodiscard]] Entry Put(const std::string& relay, const std::string& owner);
  /// The line.
  [[nodiscard]] std::string Status() const { return state_->Text(); }

  /// Octets of the line; the relays that don't fit are counted. sd_notify(3) takes no more than 4096.
  static constexpr std::size_t kMaxStatus = 2048;

 private:
  struct Held {
    std::string relay;
    std::string owner;
    bool operator==(const Held&) const = default;
  };
  struct State {
    Activity& activity;
    std::vector<Held> held;
    [[nodiscard]] std::string Text() const;
    void Show() const;
  };

  std::shared_ptr<State> state_;
};

}  // namespace relay
