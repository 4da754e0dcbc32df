// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// Relays in the order in which they are tried, written as mailqueue.conf(5) writes Host=:
///
///     RELAY[*WEIGHT][|RELAY[*WEIGHT]]... RELAY...
///
/// White space or commas separate groups, of which each is tried when the one before it has failed. In a
/// group, "|" joins relays that share the mail in proportion to their weights, and stand in for each other.
struct RelayList {
  static constexpr std::size_t kMaxRelays = 20;  ///< of one list
  static constexpr unsigned kMaxWeight = 100;

  struct Member {
    std::string url;  ///< of a RelayUrl, as its ToString writes it
    unsigned weight = 1;
    bool operator==(const Member&) const = default;
  };
  using Group = std::vector<Member>;

  std::vector<Group> groups;  ///< none of them is empty

  /// Takes what it understands of @p text. @p bad says what it does not, quoted and with the reason; empty:
  /// everything is understood.
  [[nodiscard]] static RelayList Parse(std::string_view text, std::string& bad);
  /// Read back to the same by Parse.
  [[nodiscard]] std::string ToString() const;
  [[nodiscard]] bool IsEmpty() const noexcept { return groups.empty(); }

  /// @param below returns a number from 0 to one less than its argument, which is at least 1, each equally
  /// often
  using Random = std::function<unsigned(unsigned below)>;
  /// All relays in the order for one message: the groups as they are, within each by lot.
  [[nodiscard]] std::vector<std::string> Draw(const Random& below) const;

  bool operator==(const RelayList&) const = default;
};

}  // namespace config
