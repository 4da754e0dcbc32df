// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/destinations.hxx"
#include "queue/entry.hxx"
#include "queue/environment.hxx"
#include "queue/message_log.hxx"
#include "queue/notices.hxx"
#include "queue/plan.hxx"
#include "queue/shares.hxx"
#include "queue/task.hxx"
#include "queue/trace.hxx"
#include "queue/walk.hxx"

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
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

  /// Finished is called once, when all is answered; from within this call only for a fault in it. The attempt
  /// is kept until then.
  void Start();

 private:
  /// An order that is under way.
  struct Sent {
    Plan::Task task;
    std::vector<std::size_t> firsts;  ///< the index of each item's first recipient in the request
  };
  /// Whose forward file is followed.
  struct Asked {
    std::size_t item;
    Notices::Owner owner;
  };
  using Way = Walk<Sent, Asked>;
  /// Ends that are still to be added to the plan. They may be thousands.
  struct Addition {
    bool replaces;      ///< an item; else they are a recipient's
    std::size_t index;  ///< of that
    route::Expansion expansion;
    std::size_t next = 0;  ///< which of its ends comes next
  };

  [[nodiscard]] Task Run();
  /// Takes one step of the attempt's own.
  /// @return false if there is none now
  [[nodiscard]] bool TakeStep();
  template <typename Step>
  bool Try(Step step) noexcept;
  void Break(const std::exception& fault) noexcept;
  void Expand();
  void Apply(Way::Expanded& expansions);
  void Apply(const Way::Replied& replied);
  void Apply(Way::Followed& followed);
  void AddNext();
  [[nodiscard]] bool AddToRecipient(Addition& addition);
  [[nodiscard]] bool Replace(Addition& addition);
  void Follow(std::size_t item, const courier::Forward& forward);
  void Redirect(const Plan::Items& items, const Reply& reply);
  /// What the owner of a route logs in with; null: nothing.
  [[nodiscard]] std::shared_ptr<const UniqueFd> CredentialsFor(const route::Route& route) const;
  /// An item that leads to more than there is room for.
  void Refuse(std::size_t item);
  [[nodiscard]] bool Grow(std::size_t ends);
  [[nodiscard]] bool Lengthen(std::size_t records);
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
  void Settle(const Sent& sent, const Reply& reply);
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
      credentials_;                      ///< by Route::credentials: passed on, never read
  std::size_t ends_ = 0;                 ///< that it has led to so far
  std::size_t records_ = 0;              ///< likewise what Entry::records will be
  bool broken_ = false;                  ///< by a fault
  std::vector<std::size_t> recipients_;  ///< that are being routed
  std::deque<Addition> additions_;
  std::deque<Plan::Task> ready_;
  std::unique_ptr<Timer> store_;
  BootScale::duration store_time_{};  ///< that the last time took
  bool storing_ = false;              ///< store_ runs
  End end_;
  Way walk_;
  Task run_;
};

}  // namespace queue
