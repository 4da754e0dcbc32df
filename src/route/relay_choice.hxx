// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"
#include "mail/address.hxx"
#include "mail/delivery_result.hxx"
#include "route/tables.hxx"

#include <optional>
#include <string>

namespace route {

/// Which relays the mail for a remote address goes to.
struct RelayChoice {
  std::string relays;   ///< of a config::RelayList, as its ToString writes it
  std::string options;  ///< of config::RelayAssignments, as ToText writes them
  std::string where;  ///< what decided, for a person: "[Relay.work] Recipients=, /etc/…:12"; empty: nothing
  /// Instead of all that: why nothing can be sent there, or not now.
  std::optional<mail::DeliveryResult> refusal{};
  bool by_recipient = false;  ///< the administrator has said so for this recipient
};

/// Chooses what the administrator has chosen, in this order: the section [Relay.NAME] whose Recipients= has
/// the most specific rule for the address; Map=; the section whose Senders= has the most specific rule for
/// the sender; [Relay] Host=; the hosts of the address's own domain (RFC 5321 section 5.1), or the host that
/// a domain in brackets names.
/// @param recipient with a domain
/// @param sender of the copy, with a domain; empty: the null sender
/// Throws table::Unavailable.
[[nodiscard]] RelayChoice ChooseRelay(const config::Settings& settings, Tables& tables,
                                      const mail::Address& recipient, const std::string& sender);

}  // namespace route
