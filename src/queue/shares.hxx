// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <map>

namespace queue {

/// Divides places (attempts, requests under way) among users, so that nobody's load keeps others out. A user
/// gets a further one only while fewer are theirs than are free: one alone has half of them, each of N has
/// 1/(N+1), and one more is free for whoever comes next. Root has some that nobody else gets, even if others
/// have come to need more than there are.
class Shares {
 public:
  /// @param places that there are
  /// @param roots how many of them are root's alone
  explicit Shares(std::size_t places, std::size_t roots = 0) noexcept : places_(places), roots_(roots) {}

  /// @param user whose share it is: see Submitters
  /// @param weight how many places it takes. Who has none gets any number if one is free, so that nothing is
  /// too large
  [[nodiscard]] bool MayTake(uid_t user, std::size_t weight = 1) const noexcept;
  /// Takes them, whether or not MayTake.
  void Take(uid_t user, std::size_t weight = 1);
  void GiveBack(uid_t user, std::size_t weight = 1) noexcept;

  [[nodiscard]] std::size_t Of(uid_t user) const noexcept;
  [[nodiscard]] std::size_t Taken() const noexcept { return taken_; }

 private:
  [[nodiscard]] std::size_t FreeFor(uid_t user) const noexcept;

  std::size_t places_;
  std::size_t roots_;
  std::size_t taken_ = 0;
  std::map<uid_t, std::size_t> of_;  ///< only those who have some
};

}  // namespace queue
