// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>

namespace runner {

/// Whose share a submitter's mail is on. A user may have ten thousands of uids (subuid(5)), so those that
/// neither the user database nor systemd's range of dynamic users knows share one. The database is asked in a
/// thread of its own, since it may keep who asks waiting; a uid for which that takes longer than kPatience is
/// one of those for now.
class Submitters {
 public:
  static constexpr uid_t kUnknown = static_cast<uid_t>(-2);  ///< the share of all that nobody knows
  static constexpr std::size_t kRemembered = 10000;  ///< uids; then those that nobody knows are forgotten
  static constexpr std::chrono::seconds kPatience{1};
  static constexpr std::chrono::minutes kBelieved{10};  ///< then the database is asked again
  static constexpr std::chrono::minutes kDoubted{1};    ///< the same of a uid that it did not know
  static constexpr uid_t kFirstDynamic = 61184, kLastDynamic = 65519;  ///< systemd.exec(5), DynamicUser=

  /// Whether there is a user with this uid; may wait, and throw if that can't be found out.
  using LookUp = std::function<bool(uid_t)>;

  /// @param on_known called in @p context when ShareOf has another answer for a uid
  Submitters(asio::io_context& context, std::function<void(uid_t)> on_known, LookUp look_up);
  /// Waits for the lookup that is under way.
  ~Submitters();

  /// Empty: it is being found out, and will be known within kPatience.
  [[nodiscard]] std::optional<uid_t> ShareOf(uid_t uid);
  /// Whether it has a share of its own, as far as has been heard: asks nobody.
  [[nodiscard]] bool HasOwnShare(uid_t uid) const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Known {
    std::optional<bool> is_user{};  ///< as far as has been heard
    Clock::time_point until{};      ///< then it is asked for again
    Clock::time_point asked{};
  };

  static bool NeedsNoLookUp(uid_t uid) noexcept {
    return uid == 0 || (uid >= kFirstDynamic && uid <= kLastDynamic);
  }
  void MakeRoom();
  void Ask(uid_t uid);
  void OnAnswer(uid_t uid, std::optional<bool> is_user);

  asio::io_context& context_;
  std::function<void(uid_t)> on_known_;
  LookUp look_up_;
  std::map<uid_t, Known> known_;
  asio::thread_pool thread_{1};  ///< last: it ends before what it uses
};

}  // namespace runner
