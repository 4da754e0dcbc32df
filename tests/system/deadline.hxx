// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <algorithm>
#include <chrono>

namespace machine {

/// The time until which something must have happened.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds limit) : end_(std::chrono::steady_clock::now() + limit) {}

  /// What is left, for poll(2); 0 once it has passed.
  [[nodiscard]] int Milliseconds() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<long>(left.count(), 0));
  }
  [[nodiscard]] bool HasPassed() const { return Milliseconds() == 0; }

 private:
  std::chrono::steady_clock::time_point end_;
};

/// Ample for anything that the product does at once, on a slow and busy machine.
constexpr std::chrono::seconds kSoon{30};

}  // namespace machine
