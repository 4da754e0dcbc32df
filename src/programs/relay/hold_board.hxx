// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/activity.hxx"

#include <memory>
#include <string>
#include <vector>

namespace relay {

/// Knows the relays whose mail is held because they refuse the login, and says so in the line of `systemctl
/// status`. The process stays as long as there are any: it is what remembers them.
class HoldBoard {
 public:
  /// Ends the hold when it goes.
  using Entry = std::shared_ptr<void>;

  /// @param activity outlives the board and all entries
  explicit HoldBoard(Activity& activity);

  [[nodiscard]] Entry Put(const std::string& relay);

 private:
  struct State {
    Activity& activity;
    std::vector<std::string> relays;
    void Show() const;
  };

  std::shared_ptr<State> state_;
};

}  // namespace relay
