// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <memory>

namespace runner {

/// Counts the calls under way, of each user and in all. Root's count for root alone.
class CallLimit {
 public:
  /// @param of_one how many one user may have
  /// @param of_all how many all users but root may have
  CallLimit(std::size_t of_one, std::size_t of_all) noexcept : of_one_(of_one), of_all_(of_all) {}

  /// @return a place, which is free again when the last copy is gone; null: there is none.
  ///   It may outlive the limit.
  [[nodiscard]] std::shared_ptr<void> Take(uid_t user) {
    const bool is_full = user != 0 && counts_->all >= of_all_;
    if (is_full || counts_->of[user] >= of_one_) return nullptr;
    ++counts_->of[user];
    if (user != 0) ++counts_->all;
    return {counts_.get(), [counts = counts_, user](void*) {
              if (--counts->of[user] == 0) counts->of.erase(user);
              if (user != 0) --counts->all;
            }};
  }

 private:
  struct Counts {
    std::map<uid_t, std::size_t> of;
    std::size_t all = 0;  ///< without root's
  };
  std::size_t of_one_;
  std::size_t of_all_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace runner
