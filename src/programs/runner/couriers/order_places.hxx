// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/shares.hxx"

#include <sys/types.h>

#include <cstddef>
#include <map>
#include <memory>
#include <utility>

namespace runner {

/// Counts the orders for each user's agent or commands. The places of one user are shared by those whose mail
/// it is.
class OrderPlaces {
 public:
  /// @param of_user how many places each user has
  explicit OrderPlaces(std::size_t of_user) noexcept : of_user_(of_user) {}

  /// @param share whose mail it is
  [[nodiscard]] bool HasRoom(uid_t uid, uid_t share) const noexcept {
    const auto found = users_->find(uid);
    return found == users_->end() || found->second.MayTake(share);
  }
  [[nodiscard]] bool IsEmpty(uid_t uid) const noexcept { return !users_->contains(uid); }

  /// A place of an order. It is free again when this is freed or goes, whatever becomes of the order; it may
  /// outlive the OrderPlaces.
  class Place {
   public:
    Place(std::shared_ptr<std::map<uid_t, queue::Shares>> users, uid_t uid, uid_t share) noexcept
        : users_(std::move(users)), uid_(uid), share_(share) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { Free(); }

    void Free() noexcept {
      const auto users = std::exchange(users_, nullptr);
      if (!users) return;
      const auto found = users->find(uid_);
      found->second.GiveBack(share_);
      if (found->second.Taken() == 0) users->erase(found);
    }

   private:
    std::shared_ptr<std::map<uid_t, queue::Shares>> users_;
    uid_t uid_;
    uid_t share_;
  };
  [[nodiscard]] std::shared_ptr<Place> Take(uid_t uid, uid_t share) {
    const auto found = users_->try_emplace(uid, of_user_).first;
    found->second.Take(share);
    try {
      return std::make_shared<Place>(users_, uid, share);
    } catch (...) {
      Place(users_, uid, share).Free();
      throw;
    }
  }

 private:
  std::size_t of_user_;
  std::shared_ptr<std::map<uid_t, queue::Shares>> users_ = std::make_shared<std::map<uid_t, queue::Shares>>();
};

}  // namespace runner
