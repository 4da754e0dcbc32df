// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/address.hxx"
#include "mail/delivery_result.hxx"

#include <sys/types.h>

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace route {

enum class Courier { Deliver, Relay };

/// Where one recipient goes: equal routes of a message share one request.
struct Route {
  Courier courier = Courier::Relay;
  uid_t uid = 0;            ///< of the recipient, for Courier::Deliver; else 0
  std::string destination;  ///< courier::Request::destination

  auto operator<=>(const Route&) const = default;
};

/// A route, or at once the result, where there is nowhere to go.
using Decision = std::variant<Route, mail::DeliveryResult>;

/// What the user database says of a name.
struct User {
  std::string name;  ///< as the database writes it
  uid_t uid = 0;
};
struct NoUser {};
struct LookupFailed {
  std::string why;
};
using UserLookup = std::function<std::variant<User, NoUser, LookupFailed>(const std::string& name)>;

/// getpwnam_r(3).
[[nodiscard]] std::variant<User, NoUser, LookupFailed> LookUpUser(const std::string& name);

/// From an address to a courier and a destination, by the settings in force.
class Router {
 public:
  Router(const config::Settings& settings, UserLookup users)
      : settings_(settings), users_(std::move(users)) {}

  [[nodiscard]] Decision Decide(const std::string& text) const;

  /// An address as another machine can use it: with Domain= where it has none.
  [[nodiscard]] std::string Qualify(const std::string& text) const;

 private:
  [[nodiscard]] Decision DecideLocal(const mail::Address& address) const;
  [[nodiscard]] Decision DecideRemote(const mail::Address& address) const;

  const config::Settings& settings_;
  UserLookup users_;
};

}  // namespace route
