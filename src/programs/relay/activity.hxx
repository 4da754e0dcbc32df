// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>
#include <memory>

namespace relay {

/// Knows whether anything goes on: each thing that does holds a token.
class Activity {
 public:
  using Token = std::shared_ptr<void>;

  /// @param on_idle called when the last token has gone, but not after this; must not throw
  explicit Activity(std::function<void()> on_idle)
      : on_idle_(std::make_shared<Callback>(std::move(on_idle))) {}

  [[nodiscard]] Token Begin() {
    if (auto token = current_.lock()) return token;
    Token token(on_idle_.get(), [weak = std::weak_ptr(on_idle_)](void*) {
      if (const auto on_idle = weak.lock()) (*on_idle)();
    });
    current_ = token;
    return token;
  }
  [[nodiscard]] bool IsIdle() const noexcept { return current_.expired(); }

 private:
  using Callback = std::function<void()>;

  std::shared_ptr<Callback> on_idle_;
  std::weak_ptr<void> current_;
};

}  // namespace relay
