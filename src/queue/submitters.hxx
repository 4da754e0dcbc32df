// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/clock.hxx"
#include "queue/users.hxx"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace queue {

/// Whose share a submitter's mail is on. A user may have ten thousands of uids (subuid(5)), so those that
/// neither the user database nor systemd's range of dynamic users knows share one. The database may take its
/// time: a uid for which that is longer than kPatience is one of those for now.
class Submitters {
 public:
  static constexpr uid_t kUnknown = static_cast<uid_t>(-2);  ///< the share of all that nobody knows
  static constexpr std::size_t kRemembered = 10000;  ///< uids; then those that nobody knows are forgotten
  static constexpr std::chrono::seconds kPatience{1};
  static constexpr std::chrono::minutes kBelieved{10};  ///< then the database is asked again
  static constexpr std::chrono::minutes kDoubted{1};    ///< the same of a uid that it did not know
  static constexpr uid_t kFirstDynamic = 61184, kLastDynamic = 65519;  ///< systemd.exec(5), DynamicUser=

  /// @param clock, users outlive this; @p users calls back no later
  /// @param on_known called when ShareOf has another answer for a uid
  Submitters(const Clock& clock, Users& users, std::function<void(uid_t)> on_known)
      : clock_(clock), users_(users), on_known_(std::move(on_known)) {}

  /// Empty: it is being found out, and will be known within kPatience.
  [[nodiscard]] std::optional<uid_t> ShareOf(uid_t uid);
  /// Whether it has a share of its own, as far as has been heard: asks nobody.
  [[nodiscard]] bool HasOwnShare(uid_t uid) const;

 private:
  struct Known {
    std::optional<bool> is_user{};  ///< as far as has been heard
    BootTime until{};               ///< then it is asked for again
    BootTime asked{};
  };

  static bool NeedsNoLookUp(uid_t uid) noexcept {
    return uid == 0 || (uid >= kFirstDynamic && uid <= kLastDynamic);
  }
  void MakeRoom();
  void Ask(uid_t uid);
  void OnAnswer(uid_t uid, std::optional<bool> is_user);

  const Clock& clock_;
  Users& users_;
  std::function<void(uid_t)> on_known_;
  std::map<uid_t, Known> known_;
};

}  // namespace queue
