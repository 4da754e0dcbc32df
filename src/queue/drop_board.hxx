// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/time.hxx"
#include "queue/clock.hxx"
#include "spool/drop_directory.hxx"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace queue {

/// Which drops wait in drop/, and whose turn it is: one of each share (Submitters) after the other, so that
/// nobody's mail waits for another's. What could not be taken in waits for a while, alone. Pure: no file, no
/// clock.
class DropBoard {
 public:
  using Status = spool::DropDirectory::Status;

  static constexpr std::size_t kMaxOfShare =
      10000;                                   ///< drops that are known; further ones are looked for later
  static constexpr std::size_t kMax = 100000;  ///< likewise of all
  static constexpr std::chrono::seconds kFirstDelay{10};
  static constexpr std::chrono::seconds kLastDelay{3600};

  /// A drop has come, or was found. One that is known stays where it is.
  void Add(const std::string& name, const Status& status, uid_t share);
  /// The same of one that could not be looked at, as if Delay had been called for it.
  void AddDelayed(const std::string& name, uid_t share, std::string why, BootTime now);
  /// The drops of @p owner have been of share @p from, and are of share @p to from now on.
  void Move(uid_t owner, uid_t from, uid_t to);

  /// Whether this drop may be taken in now.
  using May = std::function<bool(const std::string& name, const Status& status)>;
  /// The next one; it is on the board until Remove or Delay is called for it. Drops for which @p may
  /// returns false are skipped.
  [[nodiscard]] std::optional<std::string> Next(BootTime now, const May& may);

  /// It is no longer in drop/.
  void Remove(const std::string& name);
  /// It could not be taken in: it is tried again after 10 s, 20 s and so on up to an hour.
  void Delay(const std::string& name, std::string why, BootTime now);
  /// Nothing waits for its time any longer.
  void Hasten();

  /// When the next delay ends; empty: none does.
  [[nodiscard]] std::optional<BootTime> NextDue() const;

  [[nodiscard]] bool IsEmpty() const noexcept { return drops_.empty(); }
  [[nodiscard]] bool Knows(const std::string& name) const { return drops_.contains(name); }
  /// There were more drops than are known: look again when there is room for them.
  [[nodiscard]] bool WantsMore() const;
  /// Call it when a new look begins.
  void ForgetMore() noexcept { more_.clear(); }

  /// One of them, while it is told of.
  struct Waiting {
    const std::string& name;
    const Status& status;
    unsigned failures;
    const std::string& why;    ///< empty: it waits for its turn
    BootScale::duration left;  ///< until the next attempt
  };
  /// Tells of the drops behind @p after, by name, until @p take returns false. They may be many.
  void List(std::string_view after, BootTime now, const std::function<bool(const Waiting&)>& take) const;

 private:
  struct Known {
    Status status;
    uid_t share = 0;
    unsigned failures = 0;
    std::string why{};
    std::optional<BootTime> due{};  ///< empty: in ready_, or handed out
  };
  [[nodiscard]] bool Insert(const std::string& name, const Status& status, uid_t share);
  void Uncount(uid_t share);
  void Promote(BootTime now);

  std::map<std::string, Known> drops_;
  std::map<uid_t, std::size_t> counts_;             ///< of drops_, by share
  std::map<uid_t, std::deque<std::string>> ready_;  ///< by share; none is empty
  std::set<std::pair<BootTime, std::string>> delayed_;
  std::set<uid_t> more_;  ///< shares of drops that are not known
  uid_t last_ = 0;        ///< whose turn it was
};

}  // namespace queue
