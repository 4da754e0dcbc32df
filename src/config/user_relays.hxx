// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// The contents of a user's relay.conf, mailqueue-relay.conf(5): the relays for the mail that they submit.
struct UserRelays {
  static constexpr std::size_t kMaxSections = 50;  ///< [Relay.NAME]; what follows is not understood
  static constexpr std::size_t kMaxFaults =
      20;  ///< the rest are left out, but for one that misleads a section

  /// Something that is not understood, or has no effect.
  struct Fault {
    std::string text;       ///< "PATH:LINE: TEXT", with the remedy
    bool misleads = false;  ///< understood, it might have sent mail to another relay, or not to any server
    std::string section{};  ///< NAME of the [Relay.NAME] that it is in; empty: in no such section
  };

  RelaySection common{};              ///< [Relay]
  std::vector<RelaySection> named{};  ///< [Relay.NAME], in the order of the file
  std::vector<Fault> faults{};        ///< in the order of the file

  /// Never fails. Faults quote nothing but known keys and sections: whoever looks for the right place for
  /// their password may have put it anywhere.
  /// @param path for the faults and RelaySection::places
  [[nodiscard]] static UserRelays Parse(std::string_view text, const std::string& path);

  /// Which section mail of @p sender belongs to: the one whose Senders= has the most specific rule, else
  /// [Relay]. @param sender with a domain; empty: the null sender
  [[nodiscard]] const RelaySection& Choose(const std::string& sender) const;

  /// Why mail for which @p chosen has been chosen has to wait; null: nothing misleads it. In [Relay.NAME]
  /// that is what stands there and outside of all such sections; in [Relay] all, since it may have been meant
  /// for it.
  [[nodiscard]] const Fault* FindMisleading(const RelaySection& chosen) const noexcept;
};

/// Why users can't have one of these relays, for a person; empty: they can.
[[nodiscard]] std::string FaultOfUserRelays(const RelayList& relays);

}  // namespace config
