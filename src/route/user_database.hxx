// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/user.hxx"
#include "route/user_lookup.hxx"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace route {

/// The user database, asked so that mail is returned only for users who don't exist.
///
/// * A look-up that fails says nothing of the user.
/// * "No such user" counts only if this program's own account is found just after it, while the file of users
///   is the same: a database may be empty or half written. Root is no such witness: nss-systemd(8) makes
///   root up where the file is missing.
/// * Of a name that has a mailbox it counts only when it is said again after kDoubt: a file that is edited by
///   hand, or a directory, may lose a part of its entries for a while.
/// * Nor does it count in the first kDoubt in which a service that should be asked is not installed: the C
///   library passes over it, and it may be the one that knows the user.
/// * Root always exists.
///
/// For one thread.
class UserDatabase {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr auto kDoubt = std::chrono::hours(1);
  static constexpr std::size_t kMaxDoubts = 10000;  ///< names; further ones are in doubt for as long

  /// What it asks.
  struct Means {
    std::function<std::optional<::User>(const std::string& name)> find_name;
    std::function<std::optional<::User>(uid_t uid)> find_uid;
    std::function<Clock::time_point()> now;
    std::string users;                             ///< the file of users: "/etc/passwd"
    std::string mailboxes;                         ///< the directory of mailboxes: "/var/mail"
    std::function<std::string()> missing_service;  ///< name_services::MissingService
  };

  UserDatabase();  ///< the system's
  explicit UserDatabase(Means means) : means_(std::move(means)) {}

  /// May wait for a directory service.
  [[nodiscard]] UserFound Find(const std::string& name);
  [[nodiscard]] UserFound Find(uid_t uid);

  /// The fault of the last look-up; empty: none.
  [[nodiscard]] const std::string& Fault() const noexcept { return fault_; }

 private:
  template <typename LookUp>
  [[nodiscard]] UserFound Ask(LookUp look_up);
  template <typename LookUp>
  [[nodiscard]] UserFound AskWithWitness(LookUp look_up) const;
  [[nodiscard]] bool HasMailbox(const std::string& name) const noexcept;
  [[nodiscard]] bool IsInDoubt(const std::string& name);
  [[nodiscard]] std::string FindIncomplete();

  Means means_;
  std::string fault_;
  std::map<std::string, Clock::time_point> doubts_;  ///< when "no such user" was said first
  std::optional<Clock::time_point> incomplete_;      ///< since when a service is missing
};

}  // namespace route
