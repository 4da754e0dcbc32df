// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "config/settings.hxx"

#include <span>
#include <string>
#include <string_view>

namespace config {

/// One key of mailqueue.conf(5).
struct Key {
  std::string_view section;
  std::string_view name;
  std::string_view expected;  ///< what its value is, for a warning: "expected …"
  /// Takes over @p value, which is not empty. What of it is not understood is returned and left out.
  std::string (*set)(Settings& settings, std::string_view value);
  void (*reset)(Settings& settings);  ///< puts the default back
};

/// Every key there is, those of a section side by side.
[[nodiscard]] std::span<const Key> Keys() noexcept;

/// Null if there is none.
[[nodiscard]] const Key* FindKey(std::string_view section, std::string_view name) noexcept;
[[nodiscard]] bool IsSection(std::string_view name) noexcept;

/// What to say of a section or key that is not in the table, with the nearest one that is.
[[nodiscard]] std::string ExplainUnknownSection(std::string_view name);
[[nodiscard]] std::string ExplainUnknownKey(std::string_view section, std::string_view name);

}  // namespace config
