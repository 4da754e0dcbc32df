// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/queue_id.hxx"
#include "queue/store.hxx"
#include "route/end.hxx"
#include "simulate/draw.hxx"

#include <sys/types.h>

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace simulate {

/// Something that must hold does not.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A message that somebody has handed over, or has tried to.
struct Submission {
  mail::QueueId id;
  std::string token;  ///< its envelope ID (RFC 3461), which its reports have
  std::string text;
  std::vector<std::string> recipients;
  bool acknowledged = false;
};

/// What is outside the machine's queue: users, relays and their state, which is drawn, and what has become of
/// each message there. It outlives every crash, and knows what must not happen.
class World {
 public:
  explicit World(Draw& draw);

  /// An address that nobody else writes to, or one of a few that everybody does.
  [[nodiscard]] std::string DrawRecipient();
  [[nodiscard]] std::string DrawSender();

  /// Where an address leads, as aliases say: itself, if they say nothing. Forward files are not followed.
  [[nodiscard]] std::vector<std::string> Expand(const std::string& address) const;
  /// What the user's forward file says; empty: there is none.
  [[nodiscard]] std::vector<std::string> ForwardOf(const std::string& user) const;
  [[nodiscard]] static std::optional<uid_t> UidOf(const std::string& user);
  [[nodiscard]] static std::string UserOf(uid_t uid);
  /// Whether its server or mailbox refuses it for good.
  [[nodiscard]] static bool IsRefused(std::string_view address) { return address.starts_with("no"); }

  /// Where a copy goes: its mailbox, or its address elsewhere.
  [[nodiscard]] static std::string KeyOf(const route::Route& route, const std::string& address);

  /// Things change: relays go down or come up, homes vanish, the user database is away.
  void Change();
  /// All is well from now on.
  void Heal();
  [[nodiscard]] bool IsUp(const std::string& relay) const { return !down_.contains(relay); }
  [[nodiscard]] bool HasHome(uid_t uid) const { return !homeless_.contains(uid); }
  [[nodiscard]] bool Knows() const noexcept { return knows_; }
  [[nodiscard]] bool IsHealed() const noexcept { return healed_; }

  Submission& Submit(Submission submission);
  [[nodiscard]] const std::map<mail::QueueId, Submission>& Submissions() const noexcept {
    return submissions_;
  }

  // Couriers tell what they do.

  /// They are asked. Throws Violation if they have answered for good before.
  void OnAsked(const mail::QueueId& id, const std::string& key);
  /// They have the text. Throws Violation if it is another one than was submitted.
  void OnText(const mail::QueueId& id, const std::string& text) const;
  void OnDelivered(const mail::QueueId& id, const std::string& key, const std::string& text, bool is_report);
  void OnFailed(const mail::QueueId& id, const std::string& key);
  /// The envelope has been stored with all answers so far.
  void OnStored(const mail::QueueId& id, bool durable);
  /// Nobody remembers answers that were not stored.
  /// @param power the machine's, not the process alone
  void OnCrash(bool power);
  /// Whoever was refused may be asked once more: root has released what is held.
  void OnRelease();

  /// Throws Violation if something that was acknowledged is nowhere.
  /// @param queued what is in the queue, or in drop/
  void CheckAll(const std::set<mail::QueueId>& queued) const;

  [[nodiscard]] std::size_t Delivered() const noexcept { return delivered_.size(); }

 private:
  struct Answer {
    bool stored = false;   ///< in a file: survives the process
    bool durable = false;  ///< on stable storage: survives the machine
  };
  using Copy = std::pair<mail::QueueId, std::string>;

  [[nodiscard]] bool IsSettled(const Submission& submission, const std::string& recipient,
                               const std::string& key) const;
  [[nodiscard]] std::vector<std::string> KeysOf(const std::string& recipient) const;
  void ReadReport(const std::string& text);

  Draw& draw_;
  std::map<mail::QueueId, Submission> submissions_;
  std::map<Copy, Answer> answers_;  ///< for good
  std::set<Copy> delivered_;
  std::set<std::pair<std::string, std::string>> reported_;  ///< tokens, and addresses that somebody knows of
  std::set<std::string> down_;
  std::set<uid_t> homeless_;
  bool knows_ = true;
  bool healed_ = false;
  unsigned number_ = 0;  ///< of the last address that was drawn
};

}  // namespace simulate
