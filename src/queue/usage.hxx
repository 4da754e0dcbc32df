// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/envelope.hxx"

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <utility>

namespace queue {

/// How much of the queue is one submitter's.
struct Usage {
  std::uint64_t messages = 0;
  std::uint64_t octets = 0;    ///< of these and of their envelopes
  std::uint64_t expanded = 0;  ///< of these: those whose envelope has the ends of a recipient, and grows

  /// A message that comes in.
  void Add(std::uint64_t size) noexcept {
    ++messages;
    octets += size;
  }
  void Add(const Usage& other) noexcept {
    messages += other.messages;
    octets += other.octets;
    expanded += other.expanded;
  }
  void Remove(const Usage& other) noexcept {
    messages -= other.messages;
    octets -= other.octets;
    expanded -= other.expanded;
  }
  /// Whether a message of @p size octets more is within UserQueueMax=. The first one always is.
  [[nodiscard]] bool HasRoom(std::uint64_t size, const config::Settings::Queue::UserMax& max) const noexcept {
    return messages == 0 || (messages < max.messages && octets < max.octets && max.octets - octets >= size);
  }
  /// Whether another message may get longer beside these. Their own growth ends when they leave, so what has
  /// not grown waits for nothing.
  [[nodiscard]] bool AllowsGrowth(const config::Settings::Queue::UserMax& max) const noexcept {
    return octets < max.octets || expanded == 0;
  }
};

/// The usage of each submitter. Unknown users (see Submitters) share one allowance; they may be thousands, so
/// their sum is kept.
class Usages {
 public:
  /// @param own the submitter has a share of their own. It counts until SetOwn is called or all is removed
  void Add(uid_t submitter, const Usage& message, bool own) {
    auto& of = of_.try_emplace(submitter, Of{{}, own}).first->second;
    of.usage.Add(message);
    if (!of.own) unknown_.Add(message);
  }
  /// @param message has been added
  void Remove(uid_t submitter, const Usage& message) {
    const auto found = of_.find(submitter);
    auto& of = found->second;
    of.usage.Remove(message);
    if (!of.own) unknown_.Remove(message);
    if (of.usage.messages == 0) of_.erase(found);
  }
  /// A message that has been added takes more or less room than before.
  void Change(uid_t submitter, const Usage& before, const Usage& now) {
    auto& of = of_.find(submitter)->second;
    for (auto* const sum : {&of.usage, of.own ? nullptr : &unknown_}) {
      if (!sum) continue;
      sum->Add(now);
      sum->Remove(before);
    }
  }
  void SetOwn(uid_t submitter, bool own) {
    const auto found = of_.find(submitter);
    if (found == of_.end() || std::exchange(found->second.own, own) == own) return;
    if (own)
      unknown_.Remove(found->second.usage);
    else
      unknown_.Add(found->second.usage);
  }
  [[nodiscard]] Usage OfSubmitter(uid_t submitter) const {
    const auto found = of_.find(submitter);
    return found == of_.end() ? Usage() : found->second.usage;
  }
  [[nodiscard]] const Usage& OfUnknown() const noexcept { return unknown_; }
  /// What counts for the submitter besides a message that has been added.
  [[nodiscard]] Usage Besides(uid_t submitter, const Usage& message) const {
    const auto& of = of_.at(submitter);
    auto usage = of.own ? of.usage : unknown_;
    usage.Remove(message);
    return usage;
  }

 private:
  struct Of {
    Usage usage;
    bool own;
  };
  std::map<uid_t, Of> of_;
  Usage unknown_;
};

}  // namespace queue
