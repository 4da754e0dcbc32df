// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/envelope.hxx"
#include "route/end.hxx"

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace queue {

/// The result, Deferred, of a recipient for which there is no room beside the others of its message.
[[nodiscard]] mail::DeliveryResult TooManyPlaces();

/// What one attempt has to do for a message: the places that its recipients lead to, each of them once, and
/// which can be served now. Every result goes into the envelope as it comes, so that whoever stores the
/// envelope between two deliveries repeats neither.
class Plan {
 public:
  using Items = std::vector<std::size_t>;  ///< of this plan

  /// Ways from a recipient to an end or a question, in all. Each is remembered, and stored, so a forward file
  /// with thousands of lines and as many recipients that lead to it would be more than there is memory for.
  static constexpr std::size_t kMaxWays = 100000;

  /// What of a recipient is beyond @p max_ways or @p max_size is not attempted, and deferred: TooManyPlaces.
  /// @param envelope outlives the plan; what is settled in it stays as it is
  /// @param max_size octets that the ends may take of the stored envelope
  explicit Plan(mail::Envelope& envelope, std::size_t max_ways = kMaxWays,
                std::size_t max_size = mail::Envelope::kMaxEndsSize);

  /// Adds where @p recipient leads to: all of it, from its own address on.
  /// One end at a time, because they may be thousands; results may come in between.
  void BeginAdding(std::size_t recipient) { ++unanswered_[recipient]; }
  void AddEnd(std::size_t recipient, const route::End& end);
  /// @param leads_nowhere there was no end
  void FinishAdding(std::size_t recipient, bool leads_nowhere);

  /// A recipient is left to a later attempt before any of its ends is added.
  void PutOffRecipient(std::size_t recipient) { put_off_[recipient] = true; }

  /// There may be room for as many ends instead of the item.
  [[nodiscard]] bool HasRoomBehind(std::size_t index, std::size_t ends) const noexcept {
    return attached_.size() + ends * items_[index].recipients.size() <= max_ways_;
  }

  /// Items of one route to be served by one request. They are under way from now on.
  struct Task {
    route::Route route;
    Items items;
  };
  /// What can be served now, up to kMaxTaken items: call it until it returns none. Of commands there is never
  /// more than one under way: if all this ends suddenly, that one may be repeated, and no other.
  [[nodiscard]] std::vector<Task> TakeReady();
  static constexpr std::size_t kMaxTaken = 500;

  /// An item has come to its result.
  void Settle(std::size_t index, const mail::DeliveryResult& result);
  /// An item is left to a later attempt: what is known of its recipients stays as it is.
  void PutOff(std::size_t index);
  /// An item turned out to lead on: a forward file.
  /// One end at a time, as above.
  void BeginReplacing(std::size_t index) { items_[index].state = State::Replacing; }
  void ReplaceBy(std::size_t index, const route::End& end);
  void FinishReplacing(std::size_t index);
  /// It is known by now how an item gets to its place: which relays the submitter has chosen.
  void Redirect(std::size_t index, route::Route route);

  /// The envelope is another one than it was.
  [[nodiscard]] bool HasChanged() const noexcept { return changed_; }
  /// Nothing is left to be done or waited for.
  [[nodiscard]] bool IsDone() const noexcept { return open_ == 0; }

  [[nodiscard]] const route::End& EndOf(std::size_t item) const { return items_[item].end; }
  /// The recipients, by their index in the envelope, that an item serves.
  [[nodiscard]] std::span<const std::size_t> RecipientsOf(std::size_t item) const {
    return items_[item].recipients;
  }

 private:
  enum class State { Waiting, UnderWay, Settled, PutOff, Replacing, Replaced };

  struct Item {
    route::End end;
    std::string place;                    ///< End::PlaceKey
    std::size_t size = 0;                 ///< octets of the stored envelope, for each recipient
    std::vector<std::size_t> recipients;  ///< whose results depend on it
    State state = State::Waiting;
    mail::DeliveryResult result;  ///< when Settled
    Items children;               ///< when Replacing or Replaced
  };

  [[nodiscard]] bool HasRoom(std::size_t recipient, const std::string& place, std::size_t size) const;
  [[nodiscard]] std::optional<std::size_t> FindOrInsert(const route::End& end,
                                                        std::span<const std::size_t> recipients);
  void Attach(std::size_t recipient, std::size_t index);
  [[nodiscard]] bool MustWait(std::size_t index);
  [[nodiscard]] bool WakeCommand();
  void Begin(std::size_t index);
  void Conclude(std::size_t index);
  void Finish(std::size_t index, const mail::DeliveryResult& result);
  void SettlePlace(const Item& item);
  void Record(std::size_t index, const Item& item);
  void RecordRest(std::size_t index);
  void SumUp(std::size_t index);

  /// What goes on at a place, so that no two copies get there side by side.
  struct Place {
    unsigned under_way = 0;
    unsigned questions = 0;                    ///< forward files that may, or may not, lead there
    std::list<std::size_t> waiting_questions;  ///< of those: they go one after the other
    std::optional<std::size_t> waiting;  ///< what waits for all of that; there is one item with this key
    std::optional<mail::DeliveryResult> served;  ///< a copy is there
  };

  mail::Envelope& envelope_;
  const std::size_t max_ways_;
  const std::size_t max_size_;
  std::vector<Item> items_;
  std::deque<std::size_t> ready_;             ///< to be looked at: these may go, or wait again
  std::deque<std::size_t> waiting_commands_;  ///< for the command that is under way
  Items waiting_users_;                       ///< of a server of mailboxes, for all questions
  std::map<std::string, std::size_t> by_key_;
  std::map<std::string, Place> places_;
  std::set<std::pair<std::size_t, std::size_t>> attached_;  ///< items and their recipients
  std::vector<std::size_t> unanswered_;                     ///< of each recipient: items without a result
  /// Of each recipient: where in its ends each key is.
  std::vector<std::map<std::string, std::size_t>> recorded_;
  std::vector<bool> put_off_;  ///< of each recipient: an item of it is
  std::vector<bool> full_;     ///< of each recipient: it leads to more than there is room for
  std::size_t size_ = 0;       ///< octets that the ends take of the stored envelope, or may take
  std::size_t open_ = 0;       ///< items without a result
  unsigned commands_ = 0;      ///< under way
  unsigned questions_ = 0;     ///< without an answer
  bool changed_ = false;
};

}  // namespace queue
