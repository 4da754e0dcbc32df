// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/fd.hxx"
#include "courier/protocol.hxx"
#include "mail/delivery_result.hxx"
#include "mail/relay_report.hxx"
#include "route/end.hxx"

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace queue {

/// One result for each recipient of a request, in its order; empty: not attempted as far as is known.
using Results = std::vector<std::optional<mail::DeliveryResult>>;

/// What a courier says to a request.
struct Reply {
  Results results;
  std::optional<courier::Forward> forward{};       ///< instead of results, which are all empty then
  bool unreached = false;                          ///< courier::Answer::unreached
  std::vector<mail::RelayReport> reports{};        ///< instead of results, likewise
  std::optional<courier::OwnRelays> own_relays{};  ///< instead of results, likewise
  std::shared_ptr<const UniqueFd> credentials{};   ///< came with own_relays; null: none
  bool put_off = false;  ///< the courier is busy with other mail, and was not asked: results are empty
  std::string fault{};   ///< why results are empty, where that is known

  /// @param index of a recipient in the request
  /// @return null: it was not attempted as far as is known
  [[nodiscard]] const mail::DeliveryResult* ResultOf(std::size_t index) const noexcept {
    return index < results.size() && results[index] ? &*results[index] : nullptr;
  }
};
using Done = std::function<void(const Reply&)>;

/// A request and what it needs on its way to a courier.
struct Order {
  courier::Request request;  ///< without serial
  std::function<UniqueFd()>
      open;  ///< opens the message, when the request is sent; may throw; empty: none is needed
  Done done;
  std::shared_ptr<const UniqueFd> credentials{};  ///< of the request's owner; null: none
  uid_t share = 0;                                ///< whose share of the courier it takes: see Submitters

  /// Gives it back: nothing was attempted.
  void GiveBack(Reply reply = {}) const {
    reply.results.resize(request.envelope.recipients.size());
    done(reply);
  }
};

/// All that can deliver: the relay, and each user's agent and commands.
class Couriers {
 public:
  /// @param count so many messages that were put off for this user's agent or commands may be tried again
  using OnRoom = std::function<void(route::Courier courier, uid_t uid, std::size_t count)>;
  /// Replaces whoever was to be called so far.
  virtual void SetOnRoom(OnRoom on_room) = 0;

  /// False if mail for the courier of this user is to be put off. Never for the relay, where mail waits.
  /// @param share whose mail it is
  [[nodiscard]] virtual bool HasRoom(route::Courier courier, uid_t uid, uid_t share) const noexcept = 0;

  /// order.done is called once, never from within this call.
  /// @param order goes its way even where HasRoom says no
  virtual void Deliver(const route::Route& route, Order order) = 0;
  /// Has relays tested.
  /// @param order of a request that asks for a probe; as above
  virtual void Probe(Order order) = 0;

  /// Mail for this user's mailbox has this result. Where a home or a mailbox is not there, the next attempt
  /// must see the file systems as they are then, and the home is watched for.
  virtual void OnResult(uid_t uid, const mail::DeliveryResult& result) = 0;
  /// Homes may be there that were not, or gone.
  virtual void OnMountChange() = 0;

 protected:
  ~Couriers() = default;
};

}  // namespace queue
