// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "mail/delivery_result.hxx"

#include <sys/types.h>

#include <compare>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace route {

enum class Courier { Deliver, Command, Relay };

/// How a copy is delivered: the courier and what it needs. Ends of a message with equal routes share one
/// request.
struct Route {
  Courier courier = Courier::Relay;
  uid_t uid = 0;            ///< Deliver, Command: whom it runs as; else 0
  std::string destination;  ///< Deliver, Command: courier::Request::destination; Relay: a config::RelayList
  std::string options;      ///< Relay: courier::Request::options
  std::string owner;        ///< Relay: courier::Request::owner; own_relays: who is asked
  std::string credentials;  ///< Relay: courier::OwnRelays::credentials
  bool leaves = false;      ///< Relay: to another machine, not to a server that keeps mailboxes for this one
  std::string extension;    ///< courier::Request::extension, where forward is set
  std::string alias;        ///< courier::Request::alias
  bool forward = false;     ///< the user's forward file comes first: courier::Request::forward
  bool own_relays = false;  ///< Deliver: the submitter says which relays: courier::Request::own_relays
  std::string sender;       ///< who gets the copy's bounce: the envelope's sender, or who stands in for it
  std::string head;         ///< courier::Request::head: the Delivered-To fields of a copy that is sent on

  auto operator<=>(const Route&) const = default;
};

using Where = std::variant<Route, mail::DeliveryResult>;

/// How an address was come by: what must not happen to it again, and what is to be told of it.
struct Lineage {
  std::string sender;                     ///< of the copies that come of it
  std::vector<std::string> aliases;       ///< keys of tables that were followed, in the order of the way
  std::vector<uid_t> users;               ///< whose forward files were followed
  std::string forwarder;                  ///< the name of the last of them; empty: none
  std::vector<std::string> delivered_to;  ///< the addresses that stood for others, the first one first
  unsigned depth = 0;                     ///< how many steps there were
  std::string cover{};  ///< the address of whoever has sent it this way by a file that not everybody may
                        ///< read: named in reports in the place of what that file says; empty: nobody
};

/// One end of an expansion: a route, or already a result.
struct End {
  Where where;
  std::string address;  ///< of this end, for a server
  std::string user;     ///< Deliver, Command: the name of the user whose mail it is; else empty
  std::shared_ptr<const Lineage> lineage;
  std::string
      place{};         ///< Deliver: the destination as every way to write it would have it; empty: it has one
  Where otherwise{};   ///< own_relays: where it goes if the submitter has chosen none
  std::string home{};  ///< Deliver, Command: of the user, as the user database has it

  /// The same for every two ends that would put a copy into the same place. Where a forward file comes first
  /// that place is not known yet: then it is the same for those that ask for the same file.
  [[nodiscard]] std::string Key() const;
  /// Key of the place itself: what Key would be without a forward file.
  [[nodiscard]] std::string PlaceKey() const;
  /// The address for who has not read the forward files on the way: Lineage::cover, unless it is one of
  /// another machine.
  [[nodiscard]] const std::string& AddressForOthers() const noexcept;
  /// The route, where there is one; else null.
  [[nodiscard]] const Route* GetRoute() const noexcept { return std::get_if<Route>(&where); }
  /// It is not known yet where the copy goes.
  [[nodiscard]] bool AsksForward() const noexcept { return GetRoute() && GetRoute()->forward; }
  /// It is not known yet over which relays.
  [[nodiscard]] bool AsksRelays() const noexcept { return GetRoute() && GetRoute()->own_relays; }
};

/// End::PlaceKey of a remote address.
[[nodiscard]] std::string RemoteKey(const std::string& address);

}  // namespace route
