// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace config {

/// The target of the assignments of one section.
struct Scope {
  Settings& settings;
  RelaySection& relay;  ///< [Relay] or a [Relay.NAME]; for other sections settings.relay.common
};

/// One key of mailqueue.conf(5).
struct Key {
  std::string_view section;  ///< kRelayFamily for keys of the sections [Relay.NAME] alone
  std::string_view name;
  std::string_view expected;  ///< what its value is, for a warning: "expected …"
  /// Takes over a value, which is not empty. What of it is not understood is returned and left out.
  std::function<std::string(const Scope& scope, std::string_view value)> set;
  std::function<void(const Scope& scope)> reset;  ///< puts the default back
  bool inherited = false;  ///< of [Relay]: may stand in each [Relay.NAME], too, and else counts there as well
};

constexpr std::string_view kRelayFamily = "Relay.NAME";

/// Every key there is, those of a section side by side.
[[nodiscard]] std::span<const Key> Keys();

/// "work" of "Relay.work"; empty for any other section, and for a name that none may have.
[[nodiscard]] std::string_view RelayNameOf(std::string_view section) noexcept;

/// Null if there is none.
[[nodiscard]] const Key* FindKey(std::string_view section, std::string_view name);
[[nodiscard]] bool IsSection(std::string_view name);

/// The warning about a section or key that is not in the table; it names the nearest one that is.
[[nodiscard]] std::string ExplainUnknownSection(std::string_view name);
[[nodiscard]] std::string ExplainUnknownKey(std::string_view section, std::string_view name);

}  // namespace config
