// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/destinations.hxx"
#include "queue/entry.hxx"
#include "queue/environment.hxx"
#include "queue/message_log.hxx"
#include "queue/notices.hxx"
#include "queue/plan.hxx"
#include "queue/shares.hxx"
#include "queue/trace.hxx"

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace queue {

/// One attempt to deliver a message to all of its recipients that are not settled: each is routed, those of
/// one route share a request, and every result is written into the envelope as it comes.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  /// What an attempt works with; outlives it.
  struct Means {
    const Environment& environment;
    MessageLog& log;
    Destinations& destinations;
    Notices& notices;
    Shares& attempts;
  };

  /// What had no room: a destination, or a user's agent or commands.
  struct Busy {
    std::string key;  ///< of Destinations; or of RoomKey
    route::Courier courier;
    uid_t uid;
  };

  /// How many places of Shares an attempt takes that leads to so many ends.
  [[nodiscard]] static std::size_t WeightOf(std::size_t ends) noexcept;

  /// Names what mail waits for when it is put off: the agent or the commands of a user.
  [[nodiscard]] static std::string RoomKey(route::Courier courier, uid_t uid);

  /// How an attempt went, apart from its results.
  struct End {
    bool lost = false;        ///< a courier went away: for some recipients it is not known what it did
    bool tried = false;       ///< something was handed to a courier, or is known to be out of reach
    bool changed = false;     ///< the envelope is another one than it was
    bool unanswered = false;  ///< route::Expansion::unanswered of some of it
    bool crowded =
        false;  ///< it led to more than there was room for beside its submitter's other mail: Entry::weight
    bool at_limit = false;     ///< some of it was put off for Entry::at_limit
    std::vector<Busy> busy{};  ///< what some of it was put off for
    mail::Time until{};  ///< when the first of the destinations that are out of reach is tried again; the
                         ///< epoch: there were none
  };
  using Finished = std::function<void(const End& end)>;

  /// @param entry outlives the attempt
  Attempt(Entry& entry, Snapshot settings, const Means& means, Finished finished);

  /// Finished is called once; from within this call only for a fault in it.
  void Start();

 private:
  /// Takes one step, and ends the attempt if that fails.
  template <typename Step>
  void Take(Step step);
  void Break(const std::exception& fault) noexcept;
  void Expand();
  void OnExpanded(std::vector<std::size_t> recipients, std::vector<route::Expansion> expansions);
  [[nodiscard]] bool AddEnd(std::size_t recipient, route::Expansion& expansion, std::size_t end);
  void Follow(std::size_t item, const courier::Forward& forward);
  void Redirect(const Plan::Items& items, const Reply& reply);
  /// What the owner of a route logs in with; null: nothing.
  [[nodiscard]] std::shared_ptr<const UniqueFd> CredentialsFor(const route::Route& route) const;
  void OnFollowed(std::size_t item, const Notices::Owner& owner, const route::Expansion& expansion);
  void Replace(std::size_t item, std::vector<route::End> ends);
  /// An item that leads to more than there is room for.
  void Refuse(std::size_t item);
  [[nodiscard]] bool Grow(std::size_t ends);
  [[nodiscard]] bool Lengthen(std::size_t records);
  void Advance();
  [[nodiscard]] bool SendNext();
  void Finish();
  void Send(Plan::Task task);
  void HandOver(Plan::Task task, courier::Request request, std::vector<std::size_t> firsts);
  [[nodiscard]] bool MayGo(const Plan::Task& task);
  void PutOff(const Plan::Task& task, const std::string& key);
  [[nodiscard]] std::string RoomKey(const route::Route& route) const;
  void Conclude(const route::Route& route, const Reply& reply);
  void LeaveDestination(const route::Route& route);
  [[nodiscard]] courier::Request MakeRequest(const Plan::Task& task) const;
  [[nodiscard]] mail::TlsDemand Demand() const noexcept;
  [[nodiscard]] std::string SenderFor(const route::Route& route) const;
  /// @return the index of each item's first recipient in the request
  [[nodiscard]] std::vector<std::size_t> AddRecipients(courier::Request& request,
                                                       const Plan::Task& task) const;
  void OnReply(const Plan::Task& task, const std::vector<std::size_t>& firsts, const Reply& reply);
  void Settle(std::size_t item, const mail::DeliveryResult& result, ResultLog& log);
  [[nodiscard]] mail::DeliveryResult Cover(const route::End& end, mail::DeliveryResult result) const;
  void StoreNow();
  void StoreSoon();
  void Report(const route::Expansion& expansion, const Notices::Owner& owner);
  [[nodiscard]] route::End WithoutLoop(route::End end) const;

  Entry& entry_;
  const Snapshot settings_;
  const Means means_;
  Finished finished_;
  Plan plan_;
  Trace trace_;
  std::map<std::string, std::shared_ptr<const UniqueFd>>
      credentials_;                  ///< by Route::credentials: passed on, never read
  std::size_t routing_ = 0;          ///< expansions under way
  std::size_t ends_ = 0;             ///< that it has led to so far
  std::size_t records_ = 0;          ///< likewise what Entry::records will be
  std::set<std::size_t> under_way_;  ///< orders without an answer
  std::size_t next_order_ = 0;
  bool broken_ = false;  ///< by a fault
  std::deque<Plan::Task> ready_;
  bool sending_ = false;  ///< SendNext goes on
  std::unique_ptr<Timer> store_;
  BootScale::duration store_time_{};  ///< that the last time took
  bool storing_ = false;              ///< store_ runs
  End end_;
};

}  // namespace queue
